# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_cookiepay_global_optspecs
    string join \n profile= config= data-dir= o/output= bom lang= color= connect-timeout= timeout= yes no-input q/quiet v/verbose h/help V/version
end

function __fish_cookiepay_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_cookiepay_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_cookiepay_using_subcommand
    set -l cmd (__fish_cookiepay_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c cookiepay -n "__fish_cookiepay_needs_command" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_needs_command" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_needs_command" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_needs_command" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_needs_command" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_needs_command" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_needs_command" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_needs_command" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_needs_command" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_needs_command" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_needs_command" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_needs_command" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_needs_command" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_needs_command" -s V -l version -d 'Print version'
complete -c cookiepay -n "__fish_cookiepay_needs_command" -f -a "send" -d 'Create a payment link and have CookiePay deliver it, or many from a sheet'
complete -c cookiepay -n "__fish_cookiepay_needs_command" -f -a "status" -d 'Say whether links have been paid'
complete -c cookiepay -n "__fish_cookiepay_needs_command" -f -a "resend" -d 'Message the customer again about a bill: same number, same content, same link'
complete -c cookiepay -n "__fish_cookiepay_needs_command" -f -a "reconcile" -d 'Settle bills of unknown outcome and refresh unpaid ones; messages nobody'
complete -c cookiepay -n "__fish_cookiepay_needs_command" -f -a "token" -d 'Issue an API token, or show the cached one'
complete -c cookiepay -n "__fish_cookiepay_needs_command" -f -a "noti" -d 'Read, confirm, receive and hand on payment notifications'
complete -c cookiepay -n "__fish_cookiepay_needs_command" -f -a "list" -d 'Show what the ledger knows: bills, their states, totals'
complete -c cookiepay -n "__fish_cookiepay_needs_command" -f -a "config" -d 'Write, show and check the configuration'
complete -c cookiepay -n "__fish_cookiepay_needs_command" -f -a "emulator" -d 'A local CookiePay to try things on'
complete -c cookiepay -n "__fish_cookiepay_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c cookiepay -n "__fish_cookiepay_needs_command" -f -a "explain" -d 'Explain an exit code or a CookiePay result code, offline'
complete -c cookiepay -n "__fish_cookiepay_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l via -d 'How the customer gets the link: sms, email, kakao, or link for no message [default: `via` of the profile]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l product -d 'What is paid for, at most 40 characters, no `&`' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l amount -d 'How much, in won: 4500, 4,500 or 4,500원' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l buyer -d 'The customer\'s name, at most 20 characters' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l phone -d 'The customer\'s mobile number, such as 010-1234-5678' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l email -d 'The customer\'s e-mail address; required with `--via email`' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l bill-no -d 'The bill\'s own number, at most 20 of A-Z a-z 0-9 _ - [default: a new one]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l memo -d 'A note, at most 100 characters' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l tax -d 'Whether the product is taxed: taxable or exempt' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l etc1 -d 'A text that comes back in the notification, at most 100 characters' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l etc2 -d 'Another such text' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l payment-type -d 'PAYMENT_TYPE_USE, passed on as given; its values are not published' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l interval -d 'With --wait: seconds between two looks' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l deadline -d 'With --wait: how long to wait at most, such as 90s, 30m, 2h' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l template -d 'Print a sheet to fill in, and do nothing else' -r -f -a "csv\t'Comma separated, UTF-8 with a byte order mark'
xlsx\t'Excel'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l from -d 'Send every row of this sheet; `-` reads stdin' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l format -d 'The sheet\'s format [default: by its ending and content]' -r -f -a "csv\t'Comma, semicolon or tab separated'
xlsx\t'Excel'
jsonl\t'One JSON object a line'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l encoding -d 'The encoding of a CSV sheet' -r -f -a "auto\t'By content'
utf-8\t'UTF-8'
cp949\t'Korean Windows'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l sheet -d 'The sheet of a workbook [default: the first]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l hidden -d 'What becomes of rows of a workbook that are hidden, as by a filter [default: such a sheet is refused]' -r -f -a "skip\t'They are left out'
send\t'They are sent like the others'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l batch -d 'The batch\'s name, by which its rows are recognised and not sent again [default: the file\'s name without its ending]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l on-unknown -d 'What becomes of rows that an earlier run left unknown [default: hold]' -r -f -a "hold\t'They are left as they are, for `reconcile`'
resend\t'They are asked about first, and the unpaid are messaged again: some may get a second message'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l max-rows -d 'Refuse a sheet of more rows; `max_rows` of the profile counts too' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l max-total -d 'Refuse a sheet of a larger total, in won; `max_total` of the profile counts too' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l confirm-total -d 'The sheet\'s total, in won, which confirms a live batch' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l report -d 'Write what came of each row to this file, for Excel: a workbook if it ends in .xlsx, else CSV' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l concurrency -d 'How many requests may be under way at once [default: 4]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l rate -d 'How many requests a second at most, such as 5/s' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l dry-run -d 'Check everything and show the request; send and record nothing'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l allow-duplicate -d 'Send although the same phone was asked for the same amount and product a short while ago'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l wait -d 'Then wait until the link is paid or cancelled'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l qr -d 'Draw the pay URL as a QR code, on stderr'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l ignore-unknown-columns -d 'Read on where a heading is unknown, without its column'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l force -d 'With --report: replace the file even if it is no such report'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand send" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand status" -l bill-no -d 'The link of this bill; may be given several times' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand status" -l batch -d 'The links of that batch' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand status" -l interval -d 'With --wait: seconds between two looks' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand status" -l deadline -d 'With --wait: how long to wait at most, such as 90s, 30m, 2h' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand status" -l concurrency -d 'How many requests may be under way at once' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand status" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand status" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand status" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand status" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand status" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand status" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand status" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand status" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand status" -l pending -d 'Every link of the ledger that is not paid or cancelled yet'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand status" -l wait -d 'Wait until every link is paid or cancelled; print only changes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand status" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand status" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand status" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand status" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand status" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand resend" -l bill-no -d 'A bill by its number' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand resend" -l batch -d 'Every bill of this batch' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand resend" -l via -d 'sms, email or kakao [default: as the bill was sent]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand resend" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand resend" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand resend" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand resend" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand resend" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand resend" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand resend" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand resend" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand resend" -l unpaid -d 'With --batch: only bills that are not paid yet'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand resend" -l linked -d 'With --batch: only bills of which it is unproved that the customer was messaged'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand resend" -l again -d 'Also bills that were messaged a short while ago (`resend_window` of the profile)'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand resend" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand resend" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand resend" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand resend" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand resend" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand resend" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand reconcile" -l url-key -d 'The link of the bill, as CookiePay\'s console or its pay page shows it; CookiePay is asked whether it fits' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand reconcile" -l batch -d 'Only bills of this batch' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand reconcile" -l since -d 'Only bills made since then: 2026-11-22, 2026-11-22T09:00, or an age such as 24h or 7d' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand reconcile" -l concurrency -d 'How many requests may be under way at once [default: 4]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand reconcile" -l rate -d 'How many requests a second at most, such as 5/s' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand reconcile" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand reconcile" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand reconcile" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand reconcile" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand reconcile" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand reconcile" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand reconcile" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand reconcile" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand reconcile" -l not-sent -d 'CookiePay\'s console does not have the bill: it was not sent, and may be sent again'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand reconcile" -l restored -d 'After a backup was put back: first take over from the journal what the ledger lacks'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand reconcile" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand reconcile" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand reconcile" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand reconcile" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand reconcile" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand reconcile" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand token" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand token" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand token" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand token" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand token" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand token" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand token" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand token" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand token" -l raw -d 'Print the bare token and nothing else'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand token" -l refresh -d 'Issue a new one, whatever the cache holds'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand token" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand token" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand token" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand token" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand token" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand token" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and not __fish_seen_subcommand_from parse verify listen list replay help" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and not __fish_seen_subcommand_from parse verify listen list replay help" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and not __fish_seen_subcommand_from parse verify listen list replay help" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and not __fish_seen_subcommand_from parse verify listen list replay help" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and not __fish_seen_subcommand_from parse verify listen list replay help" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and not __fish_seen_subcommand_from parse verify listen list replay help" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and not __fish_seen_subcommand_from parse verify listen list replay help" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and not __fish_seen_subcommand_from parse verify listen list replay help" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and not __fish_seen_subcommand_from parse verify listen list replay help" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and not __fish_seen_subcommand_from parse verify listen list replay help" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and not __fish_seen_subcommand_from parse verify listen list replay help" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and not __fish_seen_subcommand_from parse verify listen list replay help" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and not __fish_seen_subcommand_from parse verify listen list replay help" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and not __fish_seen_subcommand_from parse verify listen list replay help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and not __fish_seen_subcommand_from parse verify listen list replay help" -f -a "parse" -d 'Check and normalise notifications from files or stdin'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and not __fish_seen_subcommand_from parse verify listen list replay help" -f -a "verify" -d 'The same, then confirm each with CookiePay and the ledger'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and not __fish_seen_subcommand_from parse verify listen list replay help" -f -a "listen" -d 'Receive notifications over HTTP: stored first, then acknowledged'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and not __fish_seen_subcommand_from parse verify listen list replay help" -f -a "list" -d 'Show received notifications, their verdicts and how far they were handed on'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and not __fish_seen_subcommand_from parse verify listen list replay help" -f -a "replay" -d 'Hand received notifications on again'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and not __fish_seen_subcommand_from parse verify listen list replay help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from parse" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from parse" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from parse" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from parse" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from parse" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from parse" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from parse" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from parse" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from parse" -l strict -d 'Any departure from the reference is exit 2'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from parse" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from parse" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from parse" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from parse" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from parse" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from parse" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from verify" -l concurrency -d 'How many requests may be under way at once [default: 4]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from verify" -l rate -d 'How many requests a second at most, such as 5/s' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from verify" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from verify" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from verify" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from verify" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from verify" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from verify" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from verify" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from verify" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from verify" -l strict -d 'Any departure from the reference is exit 2'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from verify" -l accept-unrecorded -d 'Take a payment for confirmed though the ledger does not know its link'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from verify" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from verify" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from verify" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l listen -d 'Address and port; port 0 takes a free one' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l path -d 'The path that CookiePay posts to' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l token -d 'Where a secret comes from that must follow the path: env:NAME, file:PATH or command:PROG' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l concurrency -d 'How many questions may be under way at once' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l verify-rate -d 'Questions about links that the ledger does not know' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l store-limit -d 'Most of what nothing confirms that is kept, such as 500M or 2G; beyond it only notifications of links that the ledger knows are taken' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l only -d 'Hand on only those with this verdict' -r -f -a "confirmed\t'What CookiePay and the ledger confirm'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l read-timeout -d 'Seconds a client may take over one request' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l forward -d 'Post each as JSON to this URL, until it answers 2xx' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l sign -d 'Sign what is handed on: where the key comes from, env:NAME, file:PATH or command:PROG' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l exec -d 'Run this program for each, its JSON on stdin, until it ends with 0; comes last: all words behind it are the program\'s, options too' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l verify -d 'Confirm each with CookiePay and the ledger, in the background'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l accept-unrecorded -d 'Take a payment for confirmed though the ledger does not know its link'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from listen" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from list" -l since -d 'Only those received since then: 2026-11-22, 2026-11-22T09:00, or an age such as 24h or 7d' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from list" -l until -d 'Only those received before then' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from list" -l tid -d 'Only those of this transaction' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from list" -l id -d 'Only the one with this number' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from list" -l verdict -d 'Only confirmed, mismatch, unconfirmed, unrecorded, foreign, unlinked or duplicate ones' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from list" -l delivery -d 'Only those whose delivery is none, pending, delivered or dead' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from list" -l limit -d 'Only the newest N' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from list" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from list" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from list" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from list" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from list" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from list" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from list" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from list" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from list" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from list" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -l since -d 'Only those received since then: 2026-11-22, 2026-11-22T09:00, or an age such as 24h or 7d' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -l until -d 'Only those received before then' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -l tid -d 'Only those of this transaction' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -l id -d 'Only the one with this number' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -l verdict -d 'Only confirmed, mismatch, unconfirmed, unrecorded, foreign, unlinked or duplicate ones' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -l delivery -d 'Only those whose delivery is none, pending, delivered or dead' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -l forward -d 'Post each as JSON to this URL, until it answers 2xx' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -l sign -d 'Sign what is handed on: where the key comes from, env:NAME, file:PATH or command:PROG' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -l exec -d 'Run this program for each, its JSON on stdin, until it ends with 0; comes last: all words behind it are the program\'s, options too' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -l all -d 'All that were ever received'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from replay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from help" -f -a "parse" -d 'Check and normalise notifications from files or stdin'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from help" -f -a "verify" -d 'The same, then confirm each with CookiePay and the ledger'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from help" -f -a "listen" -d 'Receive notifications over HTTP: stored first, then acknowledged'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from help" -f -a "list" -d 'Show received notifications, their verdicts and how far they were handed on'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from help" -f -a "replay" -d 'Hand received notifications on again'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand noti; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -l state -d 'Only links that are paid, unpaid, cancelled, awaiting_deposit or error' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -l outcome -d 'Only bills that were sent, created, refused, not_sent, unknown or linked' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -l bill-no -d 'Only this bill' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -l batch -d 'Only bills of this batch' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -l buyer -d 'Only bills whose buyer\'s name contains this' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -l since -d 'Only bills made since then: 2026-11-22, 2026-11-22T09:00, or an age such as 24h or 7d' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -l until -d 'Only bills made before then' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -l limit -d 'Only the newest N' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -l reveal -d 'Show phone numbers and e-mail addresses whole'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and not __fish_seen_subcommand_from init show check path help" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and not __fish_seen_subcommand_from init show check path help" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and not __fish_seen_subcommand_from init show check path help" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and not __fish_seen_subcommand_from init show check path help" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and not __fish_seen_subcommand_from init show check path help" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and not __fish_seen_subcommand_from init show check path help" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and not __fish_seen_subcommand_from init show check path help" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and not __fish_seen_subcommand_from init show check path help" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and not __fish_seen_subcommand_from init show check path help" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and not __fish_seen_subcommand_from init show check path help" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and not __fish_seen_subcommand_from init show check path help" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and not __fish_seen_subcommand_from init show check path help" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and not __fish_seen_subcommand_from init show check path help" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and not __fish_seen_subcommand_from init show check path help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and not __fish_seen_subcommand_from init show check path help" -f -a "init" -d 'Write a commented configuration file (0600)'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and not __fish_seen_subcommand_from init show check path help" -f -a "show" -d 'Show the resolved profile, its secrets masked'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and not __fish_seen_subcommand_from init show check path help" -f -a "check" -d 'Check the file, who can read it, every profile, the clock and the ledger'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and not __fish_seen_subcommand_from init show check path help" -f -a "path" -d 'Print where configuration and data lie'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and not __fish_seen_subcommand_from init show check path help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from init" -l environment -d 'live, sandbox or local' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from init" -l api-id -d 'The merchant\'s API_ID' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from init" -l key-env -d 'Take the key from this environment variable' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from init" -l key-file -d 'Take the key from this file' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from init" -l key-command -d 'Take the key from what this program prints' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from init" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from init" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from init" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from init" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from init" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from init" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from init" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from init" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from init" -l force -d 'Replace a file that is there'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from init" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from init" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from init" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from init" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from init" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from show" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from show" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from show" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from show" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from show" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from show" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from show" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from check" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from check" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from check" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from check" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from check" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from check" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from check" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from check" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from check" -l online -d 'Also issue a token, which proves pay2_id and pay2_key'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from check" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from check" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from check" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from path" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from path" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from path" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from path" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from path" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from path" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from path" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from path" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from path" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from path" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from path" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from path" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from path" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "init" -d 'Write a commented configuration file (0600)'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show the resolved profile, its secrets masked'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "check" -d 'Check the file, who can read it, every profile, the clock and the ledger'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "path" -d 'Print where configuration and data lie'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and not __fish_seen_subcommand_from serve pay cancel reset help" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and not __fish_seen_subcommand_from serve pay cancel reset help" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and not __fish_seen_subcommand_from serve pay cancel reset help" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and not __fish_seen_subcommand_from serve pay cancel reset help" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and not __fish_seen_subcommand_from serve pay cancel reset help" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and not __fish_seen_subcommand_from serve pay cancel reset help" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and not __fish_seen_subcommand_from serve pay cancel reset help" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and not __fish_seen_subcommand_from serve pay cancel reset help" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and not __fish_seen_subcommand_from serve pay cancel reset help" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and not __fish_seen_subcommand_from serve pay cancel reset help" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and not __fish_seen_subcommand_from serve pay cancel reset help" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and not __fish_seen_subcommand_from serve pay cancel reset help" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and not __fish_seen_subcommand_from serve pay cancel reset help" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and not __fish_seen_subcommand_from serve pay cancel reset help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and not __fish_seen_subcommand_from serve pay cancel reset help" -f -a "serve" -d 'Run the local CookiePay until Ctrl-C'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and not __fish_seen_subcommand_from serve pay cancel reset help" -f -a "pay" -d 'Pay a link, as a customer would'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and not __fish_seen_subcommand_from serve pay cancel reset help" -f -a "cancel" -d 'Cancel a payment'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and not __fish_seen_subcommand_from serve pay cancel reset help" -f -a "reset" -d 'Forget every bill, message and key'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and not __fish_seen_subcommand_from serve pay cancel reset help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from serve" -l listen -d 'Loopback address and port; port 0 takes a free one' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from serve" -l notify-url -d 'Post notifications of payments and cancellations there' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from serve" -l fault -d 'Misbehave: KIND[=ARG][@ENDPOINT][*N], such as drop-after@send*1 or duplicate@noti; may be given several times, an unknown KIND lists all' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from serve" -l tls-certificate -d 'Serve HTTPS with this certificate (PEM)' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from serve" -l tls-key -d 'The certificate\'s key (PEM)' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from serve" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from serve" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from serve" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from serve" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from serve" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from serve" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from serve" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from serve" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from serve" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from serve" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from serve" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from serve" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from serve" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from pay" -l method -d 'How the customer pays; vacct the first time issues the account, the second time deposits' -r -f -a "card\t'Card'
bank\t'Bank transfer'
vacct\t'Virtual account'
mobile\t'Mobile phone bill'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from pay" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from pay" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from pay" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from pay" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from pay" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from pay" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from pay" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from pay" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from pay" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from pay" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from pay" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from pay" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from pay" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from pay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from cancel" -l amount -d 'Only a part, in won' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from cancel" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from cancel" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from cancel" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from cancel" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from cancel" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from cancel" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from cancel" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from cancel" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from cancel" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from cancel" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from cancel" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from cancel" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from cancel" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from cancel" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from reset" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from reset" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from reset" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from reset" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from reset" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from reset" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from reset" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from reset" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from reset" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from reset" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from reset" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from reset" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from reset" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from reset" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from help" -f -a "serve" -d 'Run the local CookiePay until Ctrl-C'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from help" -f -a "pay" -d 'Pay a link, as a customer would'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from help" -f -a "cancel" -d 'Cancel a payment'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from help" -f -a "reset" -d 'Forget every bill, message and key'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand emulator; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand completions" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand completions" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand completions" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand completions" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand completions" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand completions" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand completions" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand completions" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand completions" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand completions" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand completions" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand completions" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand completions" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand explain" -l profile -d 'The profile of the configuration file [env: COOKIEPAY_PROFILE]' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand explain" -l config -d 'The configuration file [env: COOKIEPAY_CONFIG]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand explain" -l data-dir -d 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]' -r -F
complete -c cookiepay -n "__fish_cookiepay_using_subcommand explain" -s o -l output -d 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]' -r -f -a "table\t'For people'
json\t'One document'
jsonl\t'One object a line'
csv\t'With a header'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand explain" -l lang -d 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]' -r -f -a "ko\t'Korean'
en\t'English'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand explain" -l color -d 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c cookiepay -n "__fish_cookiepay_using_subcommand explain" -l connect-timeout -d 'Seconds to wait for a connection' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand explain" -l timeout -d 'Seconds to wait for a whole answer' -r
complete -c cookiepay -n "__fish_cookiepay_using_subcommand explain" -l bom -d 'A byte order mark before CSV, for Excel'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand explain" -l yes -d 'Answer every question with yes'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand explain" -l no-input -d 'Never ask, not even on a terminal'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand explain" -s q -l quiet -d 'Say only what went wrong'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand explain" -s v -l verbose -d 'Say what goes on, secrets left out'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and not __fish_seen_subcommand_from send status resend reconcile token noti list config emulator completions explain help" -f -a "send" -d 'Create a payment link and have CookiePay deliver it, or many from a sheet'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and not __fish_seen_subcommand_from send status resend reconcile token noti list config emulator completions explain help" -f -a "status" -d 'Say whether links have been paid'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and not __fish_seen_subcommand_from send status resend reconcile token noti list config emulator completions explain help" -f -a "resend" -d 'Message the customer again about a bill: same number, same content, same link'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and not __fish_seen_subcommand_from send status resend reconcile token noti list config emulator completions explain help" -f -a "reconcile" -d 'Settle bills of unknown outcome and refresh unpaid ones; messages nobody'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and not __fish_seen_subcommand_from send status resend reconcile token noti list config emulator completions explain help" -f -a "token" -d 'Issue an API token, or show the cached one'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and not __fish_seen_subcommand_from send status resend reconcile token noti list config emulator completions explain help" -f -a "noti" -d 'Read, confirm, receive and hand on payment notifications'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and not __fish_seen_subcommand_from send status resend reconcile token noti list config emulator completions explain help" -f -a "list" -d 'Show what the ledger knows: bills, their states, totals'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and not __fish_seen_subcommand_from send status resend reconcile token noti list config emulator completions explain help" -f -a "config" -d 'Write, show and check the configuration'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and not __fish_seen_subcommand_from send status resend reconcile token noti list config emulator completions explain help" -f -a "emulator" -d 'A local CookiePay to try things on'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and not __fish_seen_subcommand_from send status resend reconcile token noti list config emulator completions explain help" -f -a "completions" -d 'Print the completion script of a shell'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and not __fish_seen_subcommand_from send status resend reconcile token noti list config emulator completions explain help" -f -a "explain" -d 'Explain an exit code or a CookiePay result code, offline'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and not __fish_seen_subcommand_from send status resend reconcile token noti list config emulator completions explain help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and __fish_seen_subcommand_from noti" -f -a "parse" -d 'Check and normalise notifications from files or stdin'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and __fish_seen_subcommand_from noti" -f -a "verify" -d 'The same, then confirm each with CookiePay and the ledger'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and __fish_seen_subcommand_from noti" -f -a "listen" -d 'Receive notifications over HTTP: stored first, then acknowledged'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and __fish_seen_subcommand_from noti" -f -a "list" -d 'Show received notifications, their verdicts and how far they were handed on'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and __fish_seen_subcommand_from noti" -f -a "replay" -d 'Hand received notifications on again'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "init" -d 'Write a commented configuration file (0600)'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Show the resolved profile, its secrets masked'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "check" -d 'Check the file, who can read it, every profile, the clock and the ledger'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "path" -d 'Print where configuration and data lie'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and __fish_seen_subcommand_from emulator" -f -a "serve" -d 'Run the local CookiePay until Ctrl-C'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and __fish_seen_subcommand_from emulator" -f -a "pay" -d 'Pay a link, as a customer would'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and __fish_seen_subcommand_from emulator" -f -a "cancel" -d 'Cancel a payment'
complete -c cookiepay -n "__fish_cookiepay_using_subcommand help; and __fish_seen_subcommand_from emulator" -f -a "reset" -d 'Forget every bill, message and key'
