//! What can be typed after the commands around the bills: tokens, configuration, the emulator, help.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `token`.
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// Print the bare token and nothing else
    #[arg(long)]
    pub raw: bool,
    /// Issue a new one, whatever the cache holds
    #[arg(long)]
    pub refresh: bool,
}

/// `config`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Write a commented configuration file (0600)
    Init(ConfigInitArgs),
    /// Show the resolved profile, its secrets masked
    Show,
    /// Check the file, who can read it, every profile, the clock and the ledger
    Check(ConfigCheckArgs),
    /// Print where configuration and data lie
    Path,
}

/// `config init`.
#[derive(Debug, Args)]
pub struct ConfigInitArgs {
    /// live, sandbox or local
    #[arg(long, value_name = "ENV")]
    pub environment: Option<String>,
    /// The merchant's API_ID
    #[arg(long, value_name = "ID")]
    pub api_id: Option<String>,
    /// Take the key from this environment variable
    #[arg(long, value_name = "VARIABLE", conflicts_with_all = ["key_file", "key_command"])]
    pub key_env: Option<String>,
    /// Take the key from this file
    #[arg(long, value_name = "PATH", conflicts_with = "key_command")]
    pub key_file: Option<String>,
    /// Take the key from what this program prints
    #[arg(long, value_name = "COMMAND", num_args = 1.., allow_hyphen_values = true)]
    pub key_command: Option<Vec<String>>,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
}

/// `config check`.
#[derive(Debug, Args)]
pub struct ConfigCheckArgs {
    /// Also issue a token, which proves pay2_id and pay2_key
    #[arg(long)]
    pub online: bool,
}

/// `emulator`.
#[derive(Debug, Subcommand)]
pub enum EmulatorCommand {
    /// Run the local CookiePay until Ctrl-C
    Serve(EmulatorServeArgs),
    /// Pay a link, as a customer would
    Pay(EmulatorPayArgs),
    /// Cancel a payment
    Cancel(EmulatorCancelArgs),
    /// Forget every bill, message and key
    Reset,
}

/// `emulator serve`.
#[derive(Debug, Args)]
pub struct EmulatorServeArgs {
    /// Loopback address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = DEFAULT_EMULATOR_ADDRESS)]
    pub listen: String,
    /// Post notifications of payments and cancellations there
    #[arg(long, value_name = "URL")]
    pub notify_url: Option<String>,
    /// How to misbehave. The help is no doc comment, since its brackets would be links there.
    #[arg(long, value_name = "SPEC", help = FAULT_HELP)]
    pub fault: Vec<String>,
    /// Serve HTTPS with this certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,
    /// The certificate's key (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,
}

const FAULT_HELP: &str = "Misbehave: KIND[=ARG][@ENDPOINT][*N], such as drop-after@send*1 or \
     duplicate@noti; may be given several times, an unknown KIND lists all";

/// The address that pay URLs of the profile `local` name.
const DEFAULT_EMULATOR_ADDRESS: &str = "127.0.0.1:7400";

/// `emulator pay`.
#[derive(Debug, Args)]
pub struct EmulatorPayArgs {
    /// The link's URLKEY
    #[arg(value_name = "URLKEY")]
    pub url_key: String,
    /// How the customer pays; vacct the first time issues the account, the second time deposits
    #[arg(long, value_enum, default_value = "card")]
    pub method: PayMethod,
}

/// How the customer pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PayMethod {
    /// Card
    Card,
    /// Bank transfer
    Bank,
    /// Virtual account
    Vacct,
    /// Mobile phone bill
    Mobile,
}

/// `emulator cancel`.
#[derive(Debug, Args)]
pub struct EmulatorCancelArgs {
    /// The link's URLKEY
    #[arg(value_name = "URLKEY")]
    pub url_key: String,
    /// Only a part, in won
    #[arg(long, value_name = "WON")]
    pub amount: Option<u64>,
}

/// `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// An exit code (7, OUTCOME_UNKNOWN) or a result code (EA01); without it, all are listed
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}
