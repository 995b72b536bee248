//! Where a program with its own options begins and ends on the command line: `--exec PROG ARG…`.
//!
//! clap would either take the program's options for its own or ours for the program's. So the words behind `--exec`
//! are handed to it one at a time: up to the next long option that the command knows, or behind a `--` all of them.

use std::ffi::{OsStr, OsString};

use clap::{Command, CommandFactory};

use super::Cli;

/// The option that takes a program.
const EXEC: &str = "--exec";

/// The same arguments with each word of the program as an `--exec=WORD`.
pub(super) fn spread(arguments: &[OsString]) -> Vec<OsString> {
    let Some(place) = arguments.iter().position(|argument| argument == EXEC) else {
        return arguments.to_vec();
    };
    let (before, behind) = arguments.split_at(place);
    let mut words = behind.iter().skip(1).peekable();
    let takes_all = words.next_if(|word| *word == "--").is_some();
    let known = if takes_all { Vec::new() } else { known_options(before) };
    let ends = |word: &OsStr| {
        let name = word.to_str().map(|word| word.split_once('=').map_or(word, |(name, _)| name));
        name.and_then(|name| name.strip_prefix("--"))
            .is_some_and(|name| known.iter().any(|known| known == name))
    };
    let mut spread = before.to_vec();
    let mut is_empty = true;
    while let Some(word) = words.next_if(|word| !ends(word)) {
        let mut one = OsString::from(EXEC);
        one.push("=");
        one.push(word);
        spread.push(one);
        is_empty = false;
    }
    if is_empty {
        // clap says what is missing.
        spread.push(EXEC.into());
    }
    spread.extend(words.cloned());
    spread
}

/// The long options of the command that these words choose, and those of every command.
fn known_options(words: &[OsString]) -> Vec<String> {
    let mut command = Cli::command();
    command.build();
    let mut chosen: &Command = &command;
    for word in words {
        chosen = chosen.find_subcommand(word).unwrap_or(chosen);
    }
    chosen.get_arguments().filter_map(|argument| argument.get_long().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread_line(line: &str) -> String {
        let arguments: Vec<OsString> = line.split(' ').map(Into::into).collect();
        let spread: Vec<String> =
            spread(&arguments).into_iter().map(|word| word.into_string().unwrap()).collect();
        spread.join(" ")
    }

    #[test]
    fn a_program_ends_at_the_next_option_of_the_command() {
        for (line, expected) in [
            ("cookiepay noti listen --verify", "cookiepay noti listen --verify"),
            ("cookiepay noti listen --exec a -b c", "cookiepay noti listen --exec=a --exec=-b --exec=c"),
            (
                "cookiepay noti listen --exec a --fast --token env:X --path /n",
                "cookiepay noti listen --exec=a --exec=--fast --token env:X --path /n",
            ),
            ("cookiepay noti listen --exec a --path=/n", "cookiepay noti listen --exec=a --path=/n"),
            ("cookiepay noti listen --exec a --output json", "cookiepay noti listen --exec=a --output json"),
            ("cookiepay noti listen --exec -- a --verify", "cookiepay noti listen --exec=a --exec=--verify"),
            ("cookiepay noti listen --exec --verify", "cookiepay noti listen --exec --verify"),
            ("cookiepay noti listen --exec=a --verify", "cookiepay noti listen --exec=a --verify"),
            // Of another command, which has no such option.
            (
                "cookiepay noti replay --exec a --read-timeout 3",
                "cookiepay noti replay --exec=a --exec=--read-timeout --exec=3",
            ),
        ] {
            assert_eq!(spread_line(line), expected, "{line}");
        }
    }
}
