//! How the bundled `SQLite` goes about the statements of the ledger: each must be answered by an index that leads
//! straight to what is wanted, in the order in which it is wanted. Another `SQLite` may plan otherwise.

use rusqlite::Connection;
use tempfile::TempDir;

use super::super::listing::{newest_sql, page_sql, sql_condition};
use super::super::{Account, Filter, Ledger, find, links, observation};
use crate::payment::{Outcome, PaymentState};

fn plan(connection: &Connection, sql: &str) -> String {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    // The values do not matter to the plan, so none is bound.
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get::<_, String>("detail").unwrap());
    }
    steps.join("; ")
}

fn ledger() -> (TempDir, Ledger) {
    let home = TempDir::new().unwrap();
    let ledger = Ledger::open(home.path()).unwrap();
    (home, ledger)
}

fn account() -> Account {
    Account { environment: "sandbox".to_owned(), api_id: "shop01".to_owned() }
}

#[test]
fn what_touches_one_bill_finds_it_by_the_index_of_what_it_knows() {
    let (_home, ledger) = ledger();
    let by_number =
        "SEARCH bills USING INDEX sqlite_autoindex_bills_1 (environment=? AND api_id=? AND bill_no=?)";
    let by_content = "SEARCH bills USING INDEX bills_by_content (phone=? AND amount=? AND requested_at>?)";
    for (sql, expected) in [
        (find::find_sql("bill_no").as_str(), by_number),
        (find::DUPLICATE, by_content),
        (observation::OBSERVE, "SEARCH bills USING INTEGER PRIMARY KEY (rowid=?)"),
    ] {
        let plan = plan(&ledger.connection, sql);
        assert!(plan.starts_with(expected) && !plan.contains("SCAN"), "{plan}: {sql}");
    }
}

#[test]
fn a_bill_is_found_by_each_of_its_links_whatever_the_number_of_bills() {
    let (_home, ledger) = ledger();
    let holders =
        ["bills_by_url_key (url_key=?)", "links_by_url_key (url_key=?)", "bills USING INTEGER PRIMARY KEY"];
    let addresses =
        ["bills_by_pay_url (pay_url=?)", "links_by_pay_url (pay_url=?)", "bills USING INTEGER PRIMARY KEY"];
    let other = [
        "bills_by_url_key (url_key=?)",
        "bills_by_pay_url (pay_url=?)",
        "links_by_url_key (url_key=?)",
        "links_by_pay_url (pay_url=?)",
    ];
    for (sql, indexes) in [
        (find::find_sql("url_key").as_str(), holders.as_slice()),
        (observation::bill_sql().as_str(), &holders),
        (links::KEY_OF_ADDRESS, &addresses),
        (links::OTHER_HOLDER, &other),
        (links::LINKS_OF_BILL, &["sqlite_autoindex_links_1 (bill_id=?)"]),
    ] {
        let plan = plan(&ledger.connection, sql);
        for index in indexes {
            assert!(plan.contains(index), "{index}: {plan}");
        }
        assert!(!plan.contains("environment=?") && !plan.contains("SCAN"), "{plan}");
    }
}

/// Every filter that a listing may have, and the index that answers it.
fn filters() -> Vec<(Filter, &'static str)> {
    let all = Filter::default;
    let since = Some(jiff::Timestamp::UNIX_EPOCH);
    vec![
        (all(), "bills_by_time (environment=? AND api_id=?"),
        (Filter { since, until: since, ..all() }, "bills_by_time (environment=? AND api_id=?"),
        (Filter { buyer: Some("홍".to_owned()), ..all() }, "bills_by_time (environment=? AND api_id=?"),
        (Filter { pending: true, ..all() }, "bills_open (environment=? AND api_id=?"),
        (Filter { outcome: Some(Outcome::Unknown), ..all() }, "bills_unknown (environment=? AND api_id=?"),
        (
            Filter { outcome: Some(Outcome::Refused), ..all() },
            "bills_by_outcome (environment=? AND api_id=? AND outcome=?",
        ),
        (
            Filter { state: Some(PaymentState::Cancelled), ..all() },
            "bills_by_state (environment=? AND api_id=? AND state=?",
        ),
        (
            Filter { state: Some(PaymentState::Unpaid), outcome: Some(Outcome::Linked), since, ..all() },
            "bills_by_state_and_outcome (environment=? AND api_id=? AND state=? AND outcome=?",
        ),
        (
            Filter { batch: Some("march".to_owned()), pending: true, ..all() },
            "bills_in_batch (environment=? AND api_id=? AND batch=?",
        ),
    ]
}

#[test]
fn a_page_of_any_listing_is_read_by_its_index_and_sorted_by_none() {
    let (_home, ledger) = ledger();
    for (filter, index) in filters() {
        let page_filter = Filter { since: None, ..filter.clone() };
        let (condition, _) = sql_condition(&account(), &page_filter);
        let page = plan(&ledger.connection, &page_sql(&filter, &condition));
        assert!(page.starts_with(&format!("SEARCH bills USING INDEX {index}")), "{page}");
        assert!(page.contains("(created_at,rowid)>(?,?)"), "{page}");
        let (condition, _) = sql_condition(&account(), &filter);
        let newest = plan(&ledger.connection, &newest_sql(&filter, &condition));
        assert!(newest.contains(index), "{newest}");
        for plan in [page, newest] {
            assert!(!plan.contains("TEMP B-TREE") && !plan.contains("SCAN"), "{plan}");
        }
    }
}

#[test]
fn a_statement_is_compiled_once_whatever_its_values() {
    let (_home, ledger) = ledger();
    let statement = || ledger.connection.prepare_cached(find::DUPLICATE).unwrap();
    for phone in ["01000000001", "01000000002", "01000000003"] {
        let mut statement = statement();
        let place = statement.parameter_index(":phone").unwrap().unwrap();
        statement.raw_bind_parameter(place, phone).unwrap();
        assert!(statement.raw_query().next().unwrap().is_none());
    }
    assert_eq!(statement().get_status(rusqlite::StatementStatus::RePrepare), 0);
}
