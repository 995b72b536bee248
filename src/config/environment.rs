//! Which `CookiePay` a profile talks to, and how much care that asks for.

use std::fmt;
use std::str::FromStr;

/// The three places a bill can go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Environment {
    /// The real one: real customers are messaged, real money moves.
    Live,
    /// `CookiePay`'s own test system, with its own console and keys.
    Sandbox,
    /// The emulator inside this program; no network.
    Local,
}

impl Environment {
    /// Every environment there is.
    pub const ALL: &'static [Self] = &[Self::Live, Self::Sandbox, Self::Local];

    /// The spelling in the config file and in every output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Sandbox => "sandbox",
            Self::Local => "local",
        }
    }

    /// Whether real customers and real money are concerned.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Live)
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for Environment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().copied().find(|environment| environment.as_str() == text);
        found.ok_or("one of `live`, `sandbox`, `local`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environments_are_read_back_from_their_spelling() {
        for environment in Environment::ALL {
            assert_eq!(environment.as_str().parse(), Ok(*environment));
        }
        assert!("production".parse::<Environment>().is_err());
        assert!("Live".parse::<Environment>().is_err());
    }

    #[test]
    fn only_live_is_live() {
        let live: Vec<_> = Environment::ALL.iter().filter(|environment| environment.is_live()).collect();
        assert_eq!(live, [&Environment::Live]);
    }
}
