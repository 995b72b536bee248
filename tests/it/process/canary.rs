//! Secrets are seen nowhere: no output of any command in any format, and no file but the one that
//! the user put them into.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use super::http::Listener;
use super::{Program, coffee, ended, write_private};
use crate::support::{COFFEE, Ended, with};

/// Beginning and end of every secret: a part of one is a leak, too.
const HEAD: &str = "c4n4ry";
/// See [`HEAD`].
const TAIL: &str = "yrt3r";

const FORMATS: [&str; 4] = ["table", "json", "jsonl", "csv"];

fn secret(name: &str) -> String {
    format!("{HEAD}-{name}-7f3a9c-{TAIL}")
}

fn assert_clean(text: &[u8], place: &str) {
    for part in [
        HEAD,
        TAIL,
        &data_encoding::HEXLOWER.encode(HEAD.as_bytes()),
        &data_encoding::BASE64.encode(HEAD.as_bytes()),
    ] {
        let found = text.windows(part.len()).position(|window| window == part.as_bytes());
        assert_eq!(found, None, "`{part}` in {place}:\n{}", String::from_utf8_lossy(text));
    }
}

/// Runs it with everything said that can be said, and looks at all that was said.
fn run(program: &Program, arguments: &[&str]) -> Ended {
    let ended = program.run(&with(arguments, &["-v", "-v"]));
    assert_clean(ended.stdout.as_bytes(), &format!("stdout of {arguments:?}"));
    assert_clean(ended.stderr.as_bytes(), &format!("stderr of {arguments:?}"));
    ended
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// Looks at every byte and every name of the home folder.
fn assert_home_is_clean(program: &Program, sources: &[&str]) {
    let mut looked_at = 0;
    for path in files(program.home()) {
        assert_clean(path.as_os_str().as_encoded_bytes(), "a file's name");
        if !sources.iter().any(|source| path.ends_with(source)) {
            // A file may go with the process that made it.
            assert_clean(&fs::read(&path).unwrap_or_default(), &path.display().to_string());
            looked_at += 1;
        }
    }
    assert!(looked_at >= 2, "ledger and emulator have no files");
}

/// The two keys as the file is to say them, the files that hold them, and the environment.
struct Source {
    name: &'static str,
    api_key: String,
    pay2_key: String,
    files: Vec<&'static str>,
    environment: Vec<(&'static str, String)>,
}

fn sources() -> Vec<Source> {
    let quoted = |name: &str| format!("\"{}\"", secret(name));
    vec![
        Source {
            name: "literal",
            api_key: quoted("literal-api"),
            pay2_key: quoted("literal-pay2"),
            files: vec!["config.toml"],
            environment: vec![],
        },
        Source {
            name: "env",
            api_key: "{ env = \"SHOP_KEY\" }".to_owned(),
            pay2_key: "{ env = \"SHOP_PAY2\" }".to_owned(),
            files: vec![],
            environment: vec![("SHOP_KEY", secret("env-api")), ("SHOP_PAY2", secret("env-pay2"))],
        },
        Source {
            name: "file",
            api_key: "{ file = \"api.key\" }".to_owned(),
            pay2_key: "{ file = \"pay2.key\" }".to_owned(),
            files: vec!["api.key", "pay2.key"],
            environment: vec![],
        },
        Source {
            name: "command",
            api_key: format!("{{ command = [\"printf\", \"%s\", {}] }}", quoted("command-api")),
            pay2_key: "{ command = [\"cat\", \"config/cookiepay/pay2.key\"] }".to_owned(),
            files: vec!["config.toml", "api.key", "pay2.key"],
            environment: vec![],
        },
        Source {
            name: "override",
            api_key: quoted("overridden-api"),
            pay2_key: quoted("overridden-pay2"),
            files: vec!["config.toml"],
            environment: vec![
                ("COOKIEPAY_API_KEY", secret("override-api")),
                ("COOKIEPAY_PAY2_KEY", secret("override-pay2")),
            ],
        },
    ]
}

impl Source {
    /// A program whose keys come from here.
    fn program(&self) -> Program {
        let mut program = Program::new();
        for name in self.files.iter().filter(|name| name.contains("key")) {
            let path = program.config_file().with_file_name(name);
            write_private(&path, &format!("{}\n", secret(&format!("{}-{name}", self.name))));
        }
        program
            .environment
            .extend(self.environment.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        program
    }

    fn configure(&self, program: &Program, base_url: &str) {
        program.configure(&format!(
            "default_profile = \"shop\"\n[profiles.shop]\nenvironment = \"sandbox\"\napi_id = \"sandbox_shop01\"\n\
             api_key = {}\npay2_id = \"sandbox_pay2\"\npay2_key = {}\nbase_url = \"{base_url}\"\n",
            self.api_key, self.pay2_key
        ));
    }
}

#[test]
fn no_command_shows_or_keeps_a_secret_wherever_it_comes_from() {
    for (place, source) in sources().into_iter().enumerate() {
        let program = source.program();
        let emulator = program.serve(&[]);
        source.configure(&program, &emulator.url);
        // Each source meets two of the formats, for the sake of time.
        for format in FORMATS.iter().cycle().skip(place).take(2) {
            let bill = with(&COFFEE, &["--allow-duplicate", "--bill-no", format, "-o", format]);
            run(&program, &with(&bill, &["--dry-run"])).expect_code(0);
            run(&program, &bill).expect_code(0);
            run(&program, &bill).expect_code(0);
            run(&program, &["status", "--bill-no", format, "-o", format]).expect_code(8);
            run(&program, &["token", "--refresh", "-o", format]).expect_code(0);
            run(&program, &["resend", format, "--again", "-o", format]).expect_code(0);
            run(&program, &["reconcile", "-o", format]).expect_code(0);
            run(&program, &["list", "--reveal", "-o", format]).expect_code(0);
            run(&program, &["config", "show", "-o", format]).expect_code(0);
            run(&program, &["config", "check", "--online", "-o", format]).expect_code(0);
            run(&program, &["config", "init", "-o", format]).expect_code(3);
        }
        let token = run(&program, &["token", "--raw"]).expect_code(0).stdout;
        let shown = run(&program, &["token", "-o", "table"]).expect_code(0);
        assert!(!shown.stdout.contains(token.trim()) && !shown.stderr.contains(token.trim()), "{shown:?}");
        assert_home_is_clean(&program, &source.files);
    }
}

#[test]
fn no_failure_shows_or_keeps_a_secret() {
    let faults = [
        "drop-before",
        "drop-after",
        "error-500",
        "html",
        "truncated",
        "truncated-json",
        "reset",
        "redirect",
        "no-code",
        "php-warning",
        "bom",
        "huge",
        "refuse=E101",
    ];
    // Once a secret is fetched, failures do not know where it came from.
    for source in sources().into_iter().step_by(2) {
        let program = source.program();
        let specifications: Vec<String> = ["send", "token"]
            .iter()
            .flat_map(|endpoint| faults.iter().map(move |fault| format!("{fault}@{endpoint}*1")))
            .collect();
        let arguments: Vec<&str> = specifications.iter().flat_map(|fault| ["--fault", fault]).collect();
        let emulator = program.serve(&arguments);
        source.configure(&program, &emulator.url);
        for (place, fault) in faults.iter().enumerate() {
            let bill_no = format!("F{place}");
            let sent = run(&program, &with(&coffee(&bill_no), &[]));
            assert!([0, 5, 7].contains(&sent.code), "{fault}: {sent:?}");
            let token = run(&program, &["token", "--refresh", "-o", FORMATS[place % 4]]);
            assert!([0, 4, 6].contains(&token.code), "{fault}: {token:?}");
        }
        assert_eq!(emulator.requests("token"), 13);
        run(&program, &["resend", "F0"]);
        run(&program, &["reconcile"]);
        assert_home_is_clean(&program, &source.files);
    }
}

#[test]
fn no_dead_slow_or_repeating_host_makes_a_secret_seen() {
    let dead = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    // What it was asked comes back: as a message, as a page, as a reply that would be a success.
    let message = Listener::answering(|request| {
        let texts: Vec<&str> =
            request.split(|letter: char| !letter.is_ascii_graphic() || "\"{}:,".contains(letter)).collect();
        let body =
            format!("{{\"RESULTCODE\":\"9999\",\"RTN_CD\":\"9999\",\"RESULTMSG\":\"{}\"}}", texts.join(" "));
        reply(&body)
    });
    let page = Listener::answering(|request| reply(&format!("<html><pre>{request}</pre></html>")));
    let plain = Listener::answering(reply);
    let hosts = [
        format!("http://{dead}"),
        format!("http://{}", silent.local_addr().unwrap()),
        message.url,
        page.url,
        plain.url,
    ];
    // Once a secret is fetched, failures do not know where it came from.
    for source in sources().into_iter().step_by(2) {
        let program = source.program();
        for (place, host) in hosts.iter().enumerate() {
            source.configure(&program, host);
            let bill_no = format!("H{place}");
            let sent = run(&program, &with(&coffee(&bill_no), &["--timeout", "0.2"])).code;
            assert_eq!(sent, [6, 7, 4, 7, 7][place], "{host}");
            let format = FORMATS[place % 4];
            let token = run(&program, &["token", "--refresh", "--timeout", "0.2", "-o", format]).code;
            assert_eq!(token, [6, 6, 4, 6, 6][place], "{host}");
            run(&program, &["status", "aaaaaaaaaaaaaaaaaaaa", "--timeout", "0.2", "-o", format]);
            run(&program, &["list", "-o", format]).expect_code(0);
        }
        assert_home_is_clean(&program, &source.files);
    }
}

fn reply(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

#[test]
fn no_wrong_key_is_repeated_in_its_refusal() {
    let mut program = Program::new();
    let emulator = program.serve(&[]);
    program.configure_profile("sandbox", &emulator.url);
    for key in ["COOKIEPAY_API_KEY", "COOKIEPAY_PAY2_KEY"] {
        // The emulator refuses whatever begins so.
        program.environment.insert(key.to_owned(), format!("wrong-{}", secret("refused")));
    }
    run(&program, &coffee("B1")).expect_code(4);
    run(&program, &["token"]).expect_code(4);
    run(&program, &["config", "check", "--online"]).expect_code(4);
    assert_home_is_clean(&program, &[]);
}

#[test]
fn no_broken_configuration_is_quoted() {
    let key = secret("broken");
    let head = "default_profile = \"shop\"\n[profiles.shop]\nenvironment = \"sandbox\"\napi_id = \"sandbox_shop01\"\n";
    let good = format!("{head}api_key = \"{key}\"\n");
    let broken = [
        format!("{head}api_key = \"{key}\n"),
        format!("{head}api_key = '{key}\"\n"),
        format!("{head}api_key = {key}\n"),
        format!("{head}api_key \"{key}\"\n"),
        format!("{head}api_key = [\"{key}\"]\n"),
        format!("{head}api_key = {{ \"{key}\" }}\n"),
        format!("{head}api_key = {{ env = \"{key}\" }}\n"),
        format!("{head}api_key = {{ env = [\"{key}\"] }}\n"),
        format!("{head}api_key = {{ value = \"{key}\" }}\n"),
        format!("{head}api_key = {{ command = \"{key}\" }}\n"),
        format!("{head}api_key = {{ command = [\"cat\", \"{key}\"] }}\n"),
        format!("{head}api_kee = \"{key}\"\n"),
        format!("{head}api_key = \" {key}\"\n"),
        format!("{head}api_key = \"{key}\\u0007\"\n"),
        format!("{head}api_key = \"{key}한글\"\n"),
        format!("{head}api_key = \"\"\"\n{key}\"\"\"\n"),
        format!("{good}api_key = \"{key}\"\n"),
        format!("{good}pay2_key = 5\n"),
        format!("{good}nonsense = \"{key}\"\n"),
        format!("{good}max_amount = \"{key}\"\n"),
        format!("{good}via = \"{key}\"\n"),
        format!("{good}duplicate_window = \"{key}\"\n"),
        format!("{good}base_url = \"http://example.com\"\n"),
        format!("{good}base_url = \"https://shop:{key}@127.0.0.1\"\n"),
        format!("{good}base_url = \"https://127.0.0.1/?key={key}\"\n"),
        good.replace("\"sandbox\"", &format!("\"{key}\"")),
        good.replace("environment = \"sandbox\"\n", ""),
        format!("api_key = \"{key}\"\n{head}"),
        format!("{key}\n{good}"),
    ];
    for text in &broken {
        let program = Program::new();
        program.configure(text);
        for (place, arguments) in [
            vec!["config", "show"],
            vec!["config", "check"],
            vec!["token", "--timeout", "0.2"],
            with(&COFFEE, &["--dry-run"]),
        ]
        .iter()
        .enumerate()
        {
            let ended = run(&program, &with(arguments, &["-o", FORMATS[place]]));
            assert!(![1, 101].contains(&ended.code), "{text}: {ended:?}");
        }
    }
    let program = Program::new();
    program.configure(&good);
    fs::set_permissions(program.config_file(), std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    for arguments in [vec!["config", "show"], vec!["config", "check"], vec!["token"]] {
        run(&program, &arguments).expect_code(3);
    }
    fs::write(program.config_file(), [good.as_bytes(), b"# \xc7\xd1\xb1\xdb"].concat()).unwrap();
    run(&program, &["config", "show"]).expect_code(3);
}

#[test]
fn a_live_profile_refuses_another_key_without_showing_either() {
    let mut program = Program::new();
    program.configure(&format!(
        "default_profile = \"live\"\n[profiles.live]\nenvironment = \"live\"\napi_id = \"shop01\"\napi_key = \"{}\"\n\
         base_url = \"http://127.0.0.1:1\"\n",
        secret("live-file")
    ));
    program.environment.insert("COOKIEPAY_API_KEY".to_owned(), secret("live-variable"));
    run(&program, &with(&COFFEE, &["--yes"])).expect_code(3);
    run(&program, &["config", "show"]).expect_code(3);
    run(&program, &["config", "check"]);
}

#[test]
fn a_key_on_the_command_line_is_refused_without_being_repeated() {
    let program = Program::new();
    for arguments in
        [vec!["send", "--api-key"], vec!["--api-key"], vec!["config", "init", "--key"], vec!["--pay2-key"]]
    {
        let key = secret("typed");
        let ended = ended(program.command(&with(&arguments, &[&key])).output().unwrap());
        assert_eq!(ended.code, 2, "{ended:?}");
        assert_clean(ended.stderr.as_bytes(), &format!("{arguments:?}"));
        let joined = format!("{}={key}", arguments.last().unwrap());
        let ended = program.run(&with(&arguments[..arguments.len() - 1], &[&joined]));
        assert_clean(ended.expect_code(2).stderr.as_bytes(), &joined);
    }
}
