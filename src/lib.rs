//! Send CookiePay payment links, and always know what became of them.
