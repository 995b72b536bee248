//! What is probably not meant, though nothing forbids it.

use std::fmt;

use super::environment::Environment;

/// Something about a profile that its owner should know before sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// The prefix of the `API_ID` says another environment than the profile.
    Prefix {
        /// The profile.
        profile: String,
        /// What the profile says.
        environment: Environment,
        /// The `API_ID` in effect.
        api_id: String,
    },
    /// The profile has the name of another environment.
    Name {
        /// The profile.
        profile: String,
        /// What the profile says.
        environment: Environment,
    },
    /// A live profile that goes to the sandbox.
    SandboxHost {
        /// The profile.
        profile: String,
    },
    /// A variable replaces `api_id`, but `pay2_id` stays that of the file: links and their states
    /// would be asked for under different accounts.
    SplitAccount {
        /// The profile.
        profile: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prefix { profile, environment, api_id } => {
                let verb = if environment.is_live() { "starts" } else { "does not start" };
                write!(
                    formatter,
                    "`api_id` of {environment} profile `{profile}` {verb} with `sandbox_`: `{api_id}`"
                )
            }
            Self::Name { profile, environment } => {
                write!(formatter, "profile `{profile}` has environment `{environment}`")
            }
            Self::SandboxHost { profile } => {
                write!(formatter, "`base_url` of live profile `{profile}` is the address of the sandbox")
            }
            Self::SplitAccount { profile } => write!(
                formatter,
                "variable `COOKIEPAY_API_ID` replaces `api_id` of profile `{profile}`, but `pay2_id` stays that of \
                 the config file; set `COOKIEPAY_PAY2_ID`, too"
            ),
        }
    }
}
