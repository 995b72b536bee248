//! What the three endpoints do to the state: trust a key, make a bill and its message, issue a
//! token, look a bill up. Each also records the request that asked.

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, named_params, params};
use sha2::{Digest, Sha256};

use super::bill::{self, Bill, BillState};
use super::{State, free_number, signing_key};
use crate::emulator::clock::{compact, random_below, rfc3339};
use crate::emulator::error::EmulatorError;
use crate::emulator::fault::Endpoint;
use crate::emulator::reply::Refusal;
use crate::emulator::request::{Channel, Fields, SendRequest};
use crate::emulator::token::{self, TokenProblem};

/// Keys that begin so are always refused, so that a refusal can be seen without a second account.
const WRONG_KEY: &str = "wrong";

/// How many bill numbers can be made within one second: five digits follow the time.
const MADE_NUMBERS: u64 = 100_000;

/// Invented codes: the provider publishes none for these.
const OTHER_CONTENT: &str = "E007";
const NOT_PAYABLE: &str = "E008";
const TOKEN_EXPIRED: &str = "E011";
const UNKNOWN_KEY: &str = "E012";

/// What is noted of a request beside its result: where it came, and the HTTP status of the reply
/// (none where a fault leaves it without one).
#[derive(Debug, Clone, Copy)]
pub(in crate::emulator) struct Record {
    pub(in crate::emulator) endpoint: Endpoint,
    pub(in crate::emulator) status: Option<u16>,
}

/// Whose links `urlcert` answers for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulator) enum Links {
    /// Those of the merchant whose token it is.
    Own,
    /// Those of every merchant.
    All,
}

/// A message in the outbox.
#[derive(Debug, Clone)]
pub(in crate::emulator) struct Message {
    pub(in crate::emulator) channel: Channel,
    pub(in crate::emulator) recipient: String,
    pub(in crate::emulator) text: String,
}

/// A link, and the message that carried it if one was asked for.
#[derive(Debug)]
pub(in crate::emulator) struct SendAnswer {
    pub(in crate::emulator) bill: Bill,
    pub(in crate::emulator) pay_url: String,
    pub(in crate::emulator) message: Option<Message>,
}

impl State {
    /// Records a request that a fault keeps from doing anything.
    pub(in crate::emulator) fn note(
        &mut self,
        record: Record,
        result_code: &str,
    ) -> Result<(), EmulatorError> {
        let at = self.now_text();
        note(&self.connection, record, &at, result_code)?;
        Ok(())
    }

    /// `/urlpay/request`: `fields` of the account whose key is `api_key`; links begin with `base`.
    pub(in crate::emulator) fn send(
        &mut self,
        record: Record,
        api_key: &str,
        fields: &Fields,
        base: &str,
    ) -> Result<Result<SendAnswer, Refusal>, EmulatorError> {
        let at = (self.now)();
        let mut draw = Draw { salt: [0_u8; 32], number: random_below(&self.random, MADE_NUMBERS) };
        (self.random)(&mut draw.salt);
        let transaction = self.begin()?;
        let api_id = fields.text("API_ID");
        let trusted = (1..=20).contains(&api_id.chars().count())
            && trust(&transaction, "api", api_id, api_key, &rfc3339(at))?;
        let request = if trusted { SendRequest::read(fields) } else { Err(Refusal::wrong_account()) };
        let answer = match request {
            Ok(request) => make(&transaction, &request, &draw, base, at)?,
            Err(refusal) => Err(refusal),
        };
        note(&transaction, record, &rfc3339(at), code_of(&answer))?;
        transaction.commit()?;
        Ok(answer)
    }

    /// `/payAuth/token`: a token, or the refusal.
    pub(in crate::emulator) fn token(
        &mut self,
        record: Record,
        fields: &Fields,
    ) -> Result<Result<String, Refusal>, EmulatorError> {
        let at = (self.now)();
        let random = self.random.clone();
        let transaction = self.begin()?;
        let (id, key) = (fields.text("pay2_id"), fields.text("pay2_key"));
        let trusted = (1..=30).contains(&id.chars().count())
            && key.chars().count() <= 50
            && trust(&transaction, "pay2", id, key, &rfc3339(at))?;
        let answer = if trusted {
            let key = signing_key(&transaction, &random)?;
            Ok(token::issue(&key, id, at.as_second())?)
        } else {
            Err(Refusal::wrong_token_account())
        };
        note(&transaction, record, &rfc3339(at), code_of(&answer))?;
        transaction.commit()?;
        Ok(answer)
    }

    /// `/api/urlcert`: the bill, paid or not. One of another merchant than the token's is not found, unless a fault
    /// has `links` be of all of them.
    pub(in crate::emulator) fn urlcert(
        &mut self,
        record: Record,
        token: &str,
        fields: &Fields,
        links: Links,
    ) -> Result<Result<Bill, Refusal>, EmulatorError> {
        let at = (self.now)();
        let random = self.random.clone();
        let transaction = self.begin()?;
        let key = signing_key(&transaction, &random)?;
        let answer = match token::verify(&key, token, at.as_second()) {
            Err(TokenProblem::Invalid) => Err(Refusal::wrong_token()),
            Err(TokenProblem::Expired) => Err(Refusal::new(TOKEN_EXPIRED, "TOKEN 유효시간이 만료되었습니다")),
            Ok(pay2_id) => match bill::by_url_key(&transaction, fields.text("URLKEY"))? {
                Some(bill) if links == Links::All || is_own(&transaction, &pay2_id, &bill.api_id)? => {
                    Ok(bill)
                }
                _ => Err(Refusal::new(UNKNOWN_KEY, "URLKEY 값이 올바르지 않습니다")),
            },
        };
        let code = match &answer {
            Ok(bill) if bill.payment.is_none() => "EA01",
            other => code_of(other),
        };
        note(&transaction, record, &rfc3339(at), code)?;
        transaction.commit()?;
        Ok(answer)
    }
}

/// What is drawn at random for a bill.
struct Draw {
    salt: [u8; 32],
    number: u64,
}

/// The bill that `request` asks for, new or known, and the message that carries its link.
fn make(
    connection: &Connection,
    request: &SendRequest,
    draw: &Draw,
    base: &str,
    at: Timestamp,
) -> rusqlite::Result<Result<SendAnswer, Refusal>> {
    let bill_no = match &request.bill_no {
        Some(bill_no) => bill_no.clone(),
        None => made_bill_no(connection, &compact(at), draw.number)?,
    };
    let bill = match bill::by_number(connection, &request.api_id, &bill_no)? {
        None => insert(connection, request, &bill_no, &draw.salt, &rfc3339(at))?,
        Some(known) => match repeat(known, request) {
            Ok(bill) => bill,
            Err(refusal) => return Ok(Err(refusal)),
        },
    };
    let pay_url = pay_url(base, &bill);
    let message = compose(request, &pay_url);
    if let Some(message) = &message {
        connection
            .prepare_cached(
                "INSERT INTO messages (bill, channel, recipient, text, sent_at)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                bill.id,
                message.channel.name(),
                message.recipient,
                message.text,
                rfc3339(at)
            ])?;
    }
    Ok(Ok(SendAnswer { bill, pay_url, message }))
}

/// The address of the pay page, which ends with the whole URLKEY, as long as there is room for it.
fn pay_url(base: &str, bill: &Bill) -> String {
    /// Characters of a PAYURL (reference).
    const LONGEST: usize = 50;
    let whole = format!("{base}/p/{}", bill.url_key);
    if whole.len() > LONGEST { format!("{base}/p/{}", bill.pay_key) } else { whole }
}

fn code_of<T>(answer: &Result<T, Refusal>) -> &str {
    match answer {
        Ok(_) => "0000",
        Err(refusal) => &refusal.code,
    }
}

fn note(connection: &Connection, record: Record, at: &str, result_code: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO requests (endpoint, at, status, result_code) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![record.endpoint.name(), at, record.status, result_code])?;
    Ok(())
}

/// The first key seen with an id is its key from then on.
fn trust(connection: &Connection, kind: &str, id: &str, key: &str, at: &str) -> rusqlite::Result<bool> {
    if key.is_empty() || key.starts_with(WRONG_KEY) {
        return Ok(false);
    }
    // The id is part of the digest, so that equal keys of two accounts do not look equal.
    let digest = Sha256::new()
        .chain_update(kind)
        .chain_update([0])
        .chain_update(id)
        .chain_update([0])
        .chain_update(key)
        .finalize();
    let digest = HEXLOWER.encode(&digest);
    let known: Option<String> = connection
        .prepare_cached("SELECT key_digest FROM accounts WHERE kind = ?1 AND id = ?2")?
        .query_row([kind, id], |row| row.get(0))
        .optional()?;
    if let Some(known) = known {
        return Ok(known == digest);
    }
    connection.execute(
        "INSERT INTO accounts (kind, id, key_digest, first_seen) VALUES (?1, ?2, ?3, ?4)",
        [kind, id, &digest, at],
    )?;
    Ok(true)
}

/// Whether the id that a token was issued to is that of the merchant with this `API_ID`. Most use one id for both.
/// Nothing but use shows to whom another id belongs: to the first merchant whose link it asks after, unless that one
/// has an id for tokens already.
fn is_own(connection: &Connection, pay2_id: &str, api_id: &str) -> rusqlite::Result<bool> {
    if pay2_id == api_id {
        return Ok(true);
    }
    connection
        .prepare_cached(
            "UPDATE accounts SET merchant = :api_id WHERE kind = 'pay2' AND id = :pay2_id AND merchant IS NULL
             AND NOT EXISTS (SELECT 1 FROM accounts WHERE (kind = 'api' AND id = :pay2_id)
                 OR (kind = 'pay2' AND (id = :api_id OR merchant = :api_id)))",
        )?
        .execute(named_params! { ":pay2_id": pay2_id, ":api_id": api_id })?;
    connection
        .prepare_cached("SELECT 1 FROM accounts WHERE kind = 'pay2' AND id = ?1 AND merchant = ?2")?
        .exists([pay2_id, api_id])
}

fn made_bill_no(connection: &Connection, stamp: &str, start: u64) -> rusqlite::Result<String> {
    free_number(connection, "SELECT 1 FROM bills WHERE bill_no = ?1", start, 100_000, |number| {
        format!("E{stamp}{number:05}")
    })
}

/// A bill asked for again: the same link, as long as it is the same bill and can still be paid.
fn repeat(known: Bill, request: &SendRequest) -> Result<Bill, Refusal> {
    let same = known.amount == request.amount
        && known.product == request.product
        && known.buyer_name == request.buyer_name
        && known.buyer_phone == request.buyer_phone
        && known.buyer_email == request.buyer_email;
    if !same {
        return Err(Refusal::new(OTHER_CONTENT, "같은 BILL_NO 의 청구서가 다른 내용으로 이미 있습니다"));
    }
    match known.state() {
        BillState::Unpaid | BillState::AwaitingDeposit => Ok(known),
        BillState::Paid | BillState::PartlyCancelled | BillState::Cancelled => {
            Err(Refusal::new(NOT_PAYABLE, "이미 결제가 진행된 청구서입니다"))
        }
    }
}

fn insert(
    connection: &Connection,
    request: &SendRequest,
    bill_no: &str,
    salt: &[u8],
    at: &str,
) -> rusqlite::Result<Bill> {
    let url_key = url_key(salt, &request.api_id, bill_no);
    let pay_key: String = url_key.chars().take(10).collect();
    connection
        .prepare_cached(
            "INSERT INTO bills (api_id, bill_no, url_key, pay_key, product, amount, buyer_name,
                 buyer_phone, buyer_email, tax, memo, payment_type, etc1, etc2, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?
        .execute(params![
            request.api_id,
            bill_no,
            url_key,
            pay_key,
            request.product,
            request.amount,
            request.buyer_name,
            request.buyer_phone,
            request.buyer_email,
            request.tax,
            request.memo,
            request.payment_type,
            request.etc1,
            request.etc2,
            at,
        ])?;
    bill::by_url_key(connection, &url_key)?.ok_or(rusqlite::Error::QueryReturnedNoRows)
}

/// Twenty letters and digits. The bill goes into them too, so that two bills have two keys
/// whatever the source of randomness.
fn url_key(salt: &[u8], api_id: &str, bill_no: &str) -> String {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let digest = Sha256::new()
        .chain_update(salt)
        .chain_update(api_id)
        .chain_update([0])
        .chain_update(bill_no)
        .finalize();
    digest
        .iter()
        .take(20)
        .filter_map(|byte| LETTERS.get(usize::from(byte % 62)))
        .map(|letter| char::from(*letter))
        .collect()
}

fn compose(request: &SendRequest, pay_url: &str) -> Option<Message> {
    let channel = request.channel?;
    let recipient = match channel {
        Channel::Sms | Channel::Kakao => &request.buyer_phone,
        Channel::Email => &request.buyer_email,
    };
    let mut text = format!(
        "[쿠키페이] {}님, {} {}원 결제를 요청드립니다. {pay_url}",
        request.buyer_name,
        request.product,
        crate::emulator::page::grouped(request.amount),
    );
    if !request.memo.is_empty() {
        text.push('\n');
        text.push_str(&request.memo);
    }
    Some(Message { channel, recipient: recipient.clone(), text })
}
