//! The texts of config files: the one `config init` writes, and the example that explains all.

use super::environment::Environment;
use crate::secret::Secret;

/// `config.example.toml`: every key with its explanation.
pub const EXAMPLE: &str = include_str!("../../config.example.toml");

/// Where a new profile takes its `api_key` from.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// Written into the file.
    Written(Secret),
    /// An environment variable, by its name.
    Variable(String),
    /// A file, by its path.
    File(String),
    /// A program and its arguments.
    Command(Vec<String>),
}

/// What `config init` asked for.
#[derive(Debug, Clone)]
pub struct Answers {
    /// The name of the profile, which becomes the default one.
    pub profile: String,
    /// Its environment.
    pub environment: Environment,
    /// Its `API_ID` and where its `ApiKey` comes from; a `local` profile needs neither.
    pub account: Option<(String, KeySource)>,
}

/// The file `config init` writes: the profile asked for, and everything else it could have as
/// comments. The text holds the key if [`KeySource::Written`] does; it is for
/// [`super::write_new`] only.
///
/// With answers that the parser accepts (a name, an id, a key), so is the text.
#[must_use]
pub fn template(answers: &Answers) -> String {
    let Answers { profile, environment, account } = answers;
    let name = quoted(profile);
    let (mark, api_id, key) = match account {
        Some((api_id, api_key)) => ("", quoted(api_id), source(api_key)),
        None => ("#", quoted("…"), quoted("…")),
    };
    let mut text = format!(
        r#"# Configuration of cookiepay. `cookiepay config show` says what is in effect, `cookiepay config check`
# what is wrong. A setting that begins with `#` directly is one that you may want: remove the `#`.

# The profile of commands without `--profile`. `--profile local` works without any configuration.
default_profile = {name}

[profiles.{table}]
# "live": real customers, real money. "sandbox": CookiePay's test system. "local": the built-in emulator.
environment = "{environment}"

# From CookiePay's console.
{mark}api_id = {api_id}

# "…" in this file, or {{ env = "NAME" }}, {{ file = "PATH" }}, {{ command = ["prog", "arg"] }}.
{mark}api_key = {key}

# The pair that asks whether a link is paid, if it is another one than api_id and api_key.
#pay2_id = "…"
#pay2_key = {{ env = "NAME" }}
"#,
        table = bare_or_quoted(profile),
    );
    if *environment != Environment::Local {
        text.push_str("\n# Where requests go, if not to the environment's own address. https only.\n");
        text.push_str("#base_url = \"https://…\"\n");
    }
    text.push_str(DEFAULTS);
    text
}

const DEFAULTS: &str = r#"
# How links are brought to customers if `--via` does not say: "sms", "email", "kakao" or "link".
#via = "sms"

# Limits: amount of one bill in won, rows of one batch, total of one batch in won.
#max_amount = 1000000
#max_rows = 500
#max_total = 20000000

# For how long the same phone, amount and product is taken for a mistake; "0" switches it off.
#duplicate_window = "24h"

# For how long `resend` does not message a bill again that was messaged; "0" switches it off.
#resend_window = "10m"
"#;

fn source(source: &KeySource) -> String {
    match source {
        KeySource::Written(secret) => quoted(secret.expose()),
        KeySource::Variable(name) => format!("{{ env = {} }}", quoted(name)),
        KeySource::File(path) => format!("{{ file = {} }}", quoted(path)),
        KeySource::Command(words) => {
            let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
            format!("{{ command = [{}] }}", words.join(", "))
        }
    }
}

/// A basic string, which serves as a value and as a key.
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|character| match character {
        '"' | '\\' => format!("\\{character}"),
        control if control.is_control() => format!("\\u{:04X}", u32::from(control)),
        plain => plain.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// A table's name may go without quotes if it is made of these.
fn bare_or_quoted(name: &str) -> String {
    let is_bare = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if is_bare && !name.is_empty() { name.to_owned() } else { quoted(name) }
}
