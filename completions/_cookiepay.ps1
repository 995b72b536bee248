
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'cookiepay' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'cookiepay'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'cookiepay' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('send', 'send', [CompletionResultType]::ParameterValue, 'Create a payment link and have CookiePay deliver it, or many from a sheet')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Say whether links have been paid')
            [CompletionResult]::new('resend', 'resend', [CompletionResultType]::ParameterValue, 'Message the customer again about a bill: same number, same content, same link')
            [CompletionResult]::new('reconcile', 'reconcile', [CompletionResultType]::ParameterValue, 'Settle bills of unknown outcome and refresh unpaid ones; messages nobody')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'Issue an API token, or show the cached one')
            [CompletionResult]::new('noti', 'noti', [CompletionResultType]::ParameterValue, 'Read, confirm, receive and hand on payment notifications')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show what the ledger knows: bills, their states, totals')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Write, show and check the configuration')
            [CompletionResult]::new('emulator', 'emulator', [CompletionResultType]::ParameterValue, 'A local CookiePay to try things on')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain an exit code or a CookiePay result code, offline')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cookiepay;send' {
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'How the customer gets the link: sms, email, kakao, or link for no message [default: `via` of the profile]')
            [CompletionResult]::new('--product', '--product', [CompletionResultType]::ParameterName, 'What is paid for, at most 40 characters, no `&`')
            [CompletionResult]::new('--amount', '--amount', [CompletionResultType]::ParameterName, 'How much, in won: 4500, 4,500 or 4,500원')
            [CompletionResult]::new('--buyer', '--buyer', [CompletionResultType]::ParameterName, 'The customer''s name, at most 20 characters')
            [CompletionResult]::new('--phone', '--phone', [CompletionResultType]::ParameterName, 'The customer''s mobile number, such as 010-1234-5678')
            [CompletionResult]::new('--email', '--email', [CompletionResultType]::ParameterName, 'The customer''s e-mail address; required with `--via email`')
            [CompletionResult]::new('--bill-no', '--bill-no', [CompletionResultType]::ParameterName, 'The bill''s own number, at most 20 of A-Z a-z 0-9 _ - [default: a new one]')
            [CompletionResult]::new('--memo', '--memo', [CompletionResultType]::ParameterName, 'A note, at most 100 characters')
            [CompletionResult]::new('--tax', '--tax', [CompletionResultType]::ParameterName, 'Whether the product is taxed: taxable or exempt')
            [CompletionResult]::new('--etc1', '--etc1', [CompletionResultType]::ParameterName, 'A text that comes back in the notification, at most 100 characters')
            [CompletionResult]::new('--etc2', '--etc2', [CompletionResultType]::ParameterName, 'Another such text')
            [CompletionResult]::new('--payment-type', '--payment-type', [CompletionResultType]::ParameterName, 'PAYMENT_TYPE_USE, passed on as given; its values are not published')
            [CompletionResult]::new('--interval', '--interval', [CompletionResultType]::ParameterName, 'With --wait: seconds between two looks')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'With --wait: how long to wait at most, such as 90s, 30m, 2h')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Print a sheet to fill in, and do nothing else')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Send every row of this sheet; `-` reads stdin')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The sheet''s format [default: by its ending and content]')
            [CompletionResult]::new('--encoding', '--encoding', [CompletionResultType]::ParameterName, 'The encoding of a CSV sheet')
            [CompletionResult]::new('--sheet', '--sheet', [CompletionResultType]::ParameterName, 'The sheet of a workbook [default: the first]')
            [CompletionResult]::new('--hidden', '--hidden', [CompletionResultType]::ParameterName, 'What becomes of rows of a workbook that are hidden, as by a filter [default: such a sheet is refused]')
            [CompletionResult]::new('--batch', '--batch', [CompletionResultType]::ParameterName, 'The batch''s name, by which its rows are recognised and not sent again [default: the file''s name without its ending]')
            [CompletionResult]::new('--on-unknown', '--on-unknown', [CompletionResultType]::ParameterName, 'What becomes of rows that an earlier run left unknown [default: hold]')
            [CompletionResult]::new('--max-rows', '--max-rows', [CompletionResultType]::ParameterName, 'Refuse a sheet of more rows; `max_rows` of the profile counts too')
            [CompletionResult]::new('--max-total', '--max-total', [CompletionResultType]::ParameterName, 'Refuse a sheet of a larger total, in won; `max_total` of the profile counts too')
            [CompletionResult]::new('--confirm-total', '--confirm-total', [CompletionResultType]::ParameterName, 'The sheet''s total, in won, which confirms a live batch')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write what came of each row to this file, for Excel: a workbook if it ends in .xlsx, else CSV')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many requests may be under way at once [default: 4]')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'How many requests a second at most, such as 5/s')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Check everything and show the request; send and record nothing')
            [CompletionResult]::new('--allow-duplicate', '--allow-duplicate', [CompletionResultType]::ParameterName, 'Send although the same phone was asked for the same amount and product a short while ago')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Then wait until the link is paid or cancelled')
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'Draw the pay URL as a QR code, on stderr')
            [CompletionResult]::new('--ignore-unknown-columns', '--ignore-unknown-columns', [CompletionResultType]::ParameterName, 'Read on where a heading is unknown, without its column')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'With --report: replace the file even if it is no such report')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cookiepay;status' {
            [CompletionResult]::new('--bill-no', '--bill-no', [CompletionResultType]::ParameterName, 'The link of this bill; may be given several times')
            [CompletionResult]::new('--batch', '--batch', [CompletionResultType]::ParameterName, 'The links of that batch')
            [CompletionResult]::new('--interval', '--interval', [CompletionResultType]::ParameterName, 'With --wait: seconds between two looks')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'With --wait: how long to wait at most, such as 90s, 30m, 2h')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many requests may be under way at once')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--pending', '--pending', [CompletionResultType]::ParameterName, 'Every link of the ledger that is not paid or cancelled yet')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait until every link is paid or cancelled; print only changes')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cookiepay;resend' {
            [CompletionResult]::new('--bill-no', '--bill-no', [CompletionResultType]::ParameterName, 'A bill by its number')
            [CompletionResult]::new('--batch', '--batch', [CompletionResultType]::ParameterName, 'Every bill of this batch')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'sms, email or kakao [default: as the bill was sent]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--unpaid', '--unpaid', [CompletionResultType]::ParameterName, 'With --batch: only bills that are not paid yet')
            [CompletionResult]::new('--linked', '--linked', [CompletionResultType]::ParameterName, 'With --batch: only bills of which it is unproved that the customer was messaged')
            [CompletionResult]::new('--again', '--again', [CompletionResultType]::ParameterName, 'Also bills that were messaged a short while ago (`resend_window` of the profile)')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cookiepay;reconcile' {
            [CompletionResult]::new('--url-key', '--url-key', [CompletionResultType]::ParameterName, 'The link of the bill, as CookiePay''s console or its pay page shows it; CookiePay is asked whether it fits')
            [CompletionResult]::new('--batch', '--batch', [CompletionResultType]::ParameterName, 'Only bills of this batch')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only bills made since then: 2026-11-22, 2026-11-22T09:00, or an age such as 24h or 7d')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many requests may be under way at once [default: 4]')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'How many requests a second at most, such as 5/s')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--not-sent', '--not-sent', [CompletionResultType]::ParameterName, 'CookiePay''s console does not have the bill: it was not sent, and may be sent again')
            [CompletionResult]::new('--restored', '--restored', [CompletionResultType]::ParameterName, 'After a backup was put back: first take over from the journal what the ledger lacks')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cookiepay;token' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print the bare token and nothing else')
            [CompletionResult]::new('--refresh', '--refresh', [CompletionResultType]::ParameterName, 'Issue a new one, whatever the cache holds')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cookiepay;noti' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('parse', 'parse', [CompletionResultType]::ParameterValue, 'Check and normalise notifications from files or stdin')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'The same, then confirm each with CookiePay and the ledger')
            [CompletionResult]::new('listen', 'listen', [CompletionResultType]::ParameterValue, 'Receive notifications over HTTP: stored first, then acknowledged')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show received notifications, their verdicts and how far they were handed on')
            [CompletionResult]::new('replay', 'replay', [CompletionResultType]::ParameterValue, 'Hand received notifications on again')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cookiepay;noti;parse' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Any departure from the reference is exit 2')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cookiepay;noti;verify' {
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many requests may be under way at once [default: 4]')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'How many requests a second at most, such as 5/s')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Any departure from the reference is exit 2')
            [CompletionResult]::new('--accept-unrecorded', '--accept-unrecorded', [CompletionResultType]::ParameterName, 'Take a payment for confirmed though the ledger does not know its link')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cookiepay;noti;listen' {
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Address and port; port 0 takes a free one')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'The path that CookiePay posts to')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Where a secret comes from that must follow the path: env:NAME, file:PATH or command:PROG')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many questions may be under way at once')
            [CompletionResult]::new('--verify-rate', '--verify-rate', [CompletionResultType]::ParameterName, 'Questions about links that the ledger does not know')
            [CompletionResult]::new('--store-limit', '--store-limit', [CompletionResultType]::ParameterName, 'Most of what nothing confirms that is kept, such as 500M or 2G; beyond it only notifications of links that the ledger knows are taken')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Hand on only those with this verdict')
            [CompletionResult]::new('--read-timeout', '--read-timeout', [CompletionResultType]::ParameterName, 'Seconds a client may take over one request')
            [CompletionResult]::new('--forward', '--forward', [CompletionResultType]::ParameterName, 'Post each as JSON to this URL, until it answers 2xx')
            [CompletionResult]::new('--sign', '--sign', [CompletionResultType]::ParameterName, 'Sign what is handed on: where the key comes from, env:NAME, file:PATH or command:PROG')
            [CompletionResult]::new('--exec', '--exec', [CompletionResultType]::ParameterName, 'Run this program for each, its JSON on stdin, until it ends with 0; comes last: all words behind it are the program''s, options too')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'Confirm each with CookiePay and the ledger, in the background')
            [CompletionResult]::new('--accept-unrecorded', '--accept-unrecorded', [CompletionResultType]::ParameterName, 'Take a payment for confirmed though the ledger does not know its link')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cookiepay;noti;list' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only those received since then: 2026-11-22, 2026-11-22T09:00, or an age such as 24h or 7d')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Only those received before then')
            [CompletionResult]::new('--tid', '--tid', [CompletionResultType]::ParameterName, 'Only those of this transaction')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Only the one with this number')
            [CompletionResult]::new('--verdict', '--verdict', [CompletionResultType]::ParameterName, 'Only confirmed, mismatch, unconfirmed, unrecorded, foreign, unlinked or duplicate ones')
            [CompletionResult]::new('--delivery', '--delivery', [CompletionResultType]::ParameterName, 'Only those whose delivery is none, pending, delivered or dead')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Only the newest N')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cookiepay;noti;replay' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only those received since then: 2026-11-22, 2026-11-22T09:00, or an age such as 24h or 7d')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Only those received before then')
            [CompletionResult]::new('--tid', '--tid', [CompletionResultType]::ParameterName, 'Only those of this transaction')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Only the one with this number')
            [CompletionResult]::new('--verdict', '--verdict', [CompletionResultType]::ParameterName, 'Only confirmed, mismatch, unconfirmed, unrecorded, foreign, unlinked or duplicate ones')
            [CompletionResult]::new('--delivery', '--delivery', [CompletionResultType]::ParameterName, 'Only those whose delivery is none, pending, delivered or dead')
            [CompletionResult]::new('--forward', '--forward', [CompletionResultType]::ParameterName, 'Post each as JSON to this URL, until it answers 2xx')
            [CompletionResult]::new('--sign', '--sign', [CompletionResultType]::ParameterName, 'Sign what is handed on: where the key comes from, env:NAME, file:PATH or command:PROG')
            [CompletionResult]::new('--exec', '--exec', [CompletionResultType]::ParameterName, 'Run this program for each, its JSON on stdin, until it ends with 0; comes last: all words behind it are the program''s, options too')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All that were ever received')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cookiepay;noti;help' {
            [CompletionResult]::new('parse', 'parse', [CompletionResultType]::ParameterValue, 'Check and normalise notifications from files or stdin')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'The same, then confirm each with CookiePay and the ledger')
            [CompletionResult]::new('listen', 'listen', [CompletionResultType]::ParameterValue, 'Receive notifications over HTTP: stored first, then acknowledged')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show received notifications, their verdicts and how far they were handed on')
            [CompletionResult]::new('replay', 'replay', [CompletionResultType]::ParameterValue, 'Hand received notifications on again')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cookiepay;noti;help;parse' {
            break
        }
        'cookiepay;noti;help;verify' {
            break
        }
        'cookiepay;noti;help;listen' {
            break
        }
        'cookiepay;noti;help;list' {
            break
        }
        'cookiepay;noti;help;replay' {
            break
        }
        'cookiepay;noti;help;help' {
            break
        }
        'cookiepay;list' {
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Only links that are paid, unpaid, cancelled, awaiting_deposit or error')
            [CompletionResult]::new('--outcome', '--outcome', [CompletionResultType]::ParameterName, 'Only bills that were sent, created, refused, not_sent, unknown or linked')
            [CompletionResult]::new('--bill-no', '--bill-no', [CompletionResultType]::ParameterName, 'Only this bill')
            [CompletionResult]::new('--batch', '--batch', [CompletionResultType]::ParameterName, 'Only bills of this batch')
            [CompletionResult]::new('--buyer', '--buyer', [CompletionResultType]::ParameterName, 'Only bills whose buyer''s name contains this')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only bills made since then: 2026-11-22, 2026-11-22T09:00, or an age such as 24h or 7d')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Only bills made before then')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Only the newest N')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--reveal', '--reveal', [CompletionResultType]::ParameterName, 'Show phone numbers and e-mail addresses whole')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cookiepay;config' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a commented configuration file (0600)')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the resolved profile, its secrets masked')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check the file, who can read it, every profile, the clock and the ledger')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where configuration and data lie')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cookiepay;config;init' {
            [CompletionResult]::new('--environment', '--environment', [CompletionResultType]::ParameterName, 'live, sandbox or local')
            [CompletionResult]::new('--api-id', '--api-id', [CompletionResultType]::ParameterName, 'The merchant''s API_ID')
            [CompletionResult]::new('--key-env', '--key-env', [CompletionResultType]::ParameterName, 'Take the key from this environment variable')
            [CompletionResult]::new('--key-file', '--key-file', [CompletionResultType]::ParameterName, 'Take the key from this file')
            [CompletionResult]::new('--key-command', '--key-command', [CompletionResultType]::ParameterName, 'Take the key from what this program prints')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace a file that is there')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cookiepay;config;show' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cookiepay;config;check' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--online', '--online', [CompletionResultType]::ParameterName, 'Also issue a token, which proves pay2_id and pay2_key')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cookiepay;config;path' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cookiepay;config;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a commented configuration file (0600)')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the resolved profile, its secrets masked')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check the file, who can read it, every profile, the clock and the ledger')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where configuration and data lie')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cookiepay;config;help;init' {
            break
        }
        'cookiepay;config;help;show' {
            break
        }
        'cookiepay;config;help;check' {
            break
        }
        'cookiepay;config;help;path' {
            break
        }
        'cookiepay;config;help;help' {
            break
        }
        'cookiepay;emulator' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Run the local CookiePay until Ctrl-C')
            [CompletionResult]::new('pay', 'pay', [CompletionResultType]::ParameterValue, 'Pay a link, as a customer would')
            [CompletionResult]::new('cancel', 'cancel', [CompletionResultType]::ParameterValue, 'Cancel a payment')
            [CompletionResult]::new('reset', 'reset', [CompletionResultType]::ParameterValue, 'Forget every bill, message and key')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cookiepay;emulator;serve' {
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Loopback address and port; port 0 takes a free one')
            [CompletionResult]::new('--notify-url', '--notify-url', [CompletionResultType]::ParameterName, 'Post notifications of payments and cancellations there')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Misbehave: KIND[=ARG][@ENDPOINT][*N], such as drop-after@send*1 or duplicate@noti; may be given several times, an unknown KIND lists all')
            [CompletionResult]::new('--tls-certificate', '--tls-certificate', [CompletionResultType]::ParameterName, 'Serve HTTPS with this certificate (PEM)')
            [CompletionResult]::new('--tls-key', '--tls-key', [CompletionResultType]::ParameterName, 'The certificate''s key (PEM)')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cookiepay;emulator;pay' {
            [CompletionResult]::new('--method', '--method', [CompletionResultType]::ParameterName, 'How the customer pays; vacct the first time issues the account, the second time deposits')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cookiepay;emulator;cancel' {
            [CompletionResult]::new('--amount', '--amount', [CompletionResultType]::ParameterName, 'Only a part, in won')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cookiepay;emulator;reset' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cookiepay;emulator;help' {
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Run the local CookiePay until Ctrl-C')
            [CompletionResult]::new('pay', 'pay', [CompletionResultType]::ParameterValue, 'Pay a link, as a customer would')
            [CompletionResult]::new('cancel', 'cancel', [CompletionResultType]::ParameterValue, 'Cancel a payment')
            [CompletionResult]::new('reset', 'reset', [CompletionResultType]::ParameterValue, 'Forget every bill, message and key')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cookiepay;emulator;help;serve' {
            break
        }
        'cookiepay;emulator;help;pay' {
            break
        }
        'cookiepay;emulator;help;cancel' {
            break
        }
        'cookiepay;emulator;help;reset' {
            break
        }
        'cookiepay;emulator;help;help' {
            break
        }
        'cookiepay;completions' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cookiepay;explain' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file [env: COOKIEPAY_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [env: COOKIEPAY_CONFIG]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a connection')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for a whole answer')
            [CompletionResult]::new('--bom', '--bom', [CompletionResultType]::ParameterName, 'A byte order mark before CSV, for Excel')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, not even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say only what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what goes on, secrets left out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cookiepay;help' {
            [CompletionResult]::new('send', 'send', [CompletionResultType]::ParameterValue, 'Create a payment link and have CookiePay deliver it, or many from a sheet')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Say whether links have been paid')
            [CompletionResult]::new('resend', 'resend', [CompletionResultType]::ParameterValue, 'Message the customer again about a bill: same number, same content, same link')
            [CompletionResult]::new('reconcile', 'reconcile', [CompletionResultType]::ParameterValue, 'Settle bills of unknown outcome and refresh unpaid ones; messages nobody')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'Issue an API token, or show the cached one')
            [CompletionResult]::new('noti', 'noti', [CompletionResultType]::ParameterValue, 'Read, confirm, receive and hand on payment notifications')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show what the ledger knows: bills, their states, totals')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Write, show and check the configuration')
            [CompletionResult]::new('emulator', 'emulator', [CompletionResultType]::ParameterValue, 'A local CookiePay to try things on')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain an exit code or a CookiePay result code, offline')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cookiepay;help;send' {
            break
        }
        'cookiepay;help;status' {
            break
        }
        'cookiepay;help;resend' {
            break
        }
        'cookiepay;help;reconcile' {
            break
        }
        'cookiepay;help;token' {
            break
        }
        'cookiepay;help;noti' {
            [CompletionResult]::new('parse', 'parse', [CompletionResultType]::ParameterValue, 'Check and normalise notifications from files or stdin')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'The same, then confirm each with CookiePay and the ledger')
            [CompletionResult]::new('listen', 'listen', [CompletionResultType]::ParameterValue, 'Receive notifications over HTTP: stored first, then acknowledged')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show received notifications, their verdicts and how far they were handed on')
            [CompletionResult]::new('replay', 'replay', [CompletionResultType]::ParameterValue, 'Hand received notifications on again')
            break
        }
        'cookiepay;help;noti;parse' {
            break
        }
        'cookiepay;help;noti;verify' {
            break
        }
        'cookiepay;help;noti;listen' {
            break
        }
        'cookiepay;help;noti;list' {
            break
        }
        'cookiepay;help;noti;replay' {
            break
        }
        'cookiepay;help;list' {
            break
        }
        'cookiepay;help;config' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a commented configuration file (0600)')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the resolved profile, its secrets masked')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check the file, who can read it, every profile, the clock and the ledger')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where configuration and data lie')
            break
        }
        'cookiepay;help;config;init' {
            break
        }
        'cookiepay;help;config;show' {
            break
        }
        'cookiepay;help;config;check' {
            break
        }
        'cookiepay;help;config;path' {
            break
        }
        'cookiepay;help;emulator' {
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Run the local CookiePay until Ctrl-C')
            [CompletionResult]::new('pay', 'pay', [CompletionResultType]::ParameterValue, 'Pay a link, as a customer would')
            [CompletionResult]::new('cancel', 'cancel', [CompletionResultType]::ParameterValue, 'Cancel a payment')
            [CompletionResult]::new('reset', 'reset', [CompletionResultType]::ParameterValue, 'Forget every bill, message and key')
            break
        }
        'cookiepay;help;emulator;serve' {
            break
        }
        'cookiepay;help;emulator;pay' {
            break
        }
        'cookiepay;help;emulator;cancel' {
            break
        }
        'cookiepay;help;emulator;reset' {
            break
        }
        'cookiepay;help;completions' {
            break
        }
        'cookiepay;help;explain' {
            break
        }
        'cookiepay;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
