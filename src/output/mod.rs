//! Everything a user sees: the reports (the JSON contract), their rendering, and the [`Ui`] that
//! owns the streams.
//!
//! Streams have meanings: stdout is data only, stderr carries status, warnings, hints and errors.
//! Commands hand records over; nothing outside this module prints. Text that came from outside
//! loses its control characters on the way to a terminal.

mod clean;
mod csv;
mod json;
mod messages;
mod progress;
mod qr;
mod record;
mod report_file;
mod reports;
mod sink;
mod table;
mod ui;

pub use clean::csv_cell;
pub use json::to_json;
pub use messages::{Language, field_label, word};
pub use progress::{Progress, Step};
pub(crate) use record::thousands;
pub use record::{Cell, Record, Scope, Tone};
pub use report_file::{Replace, ReportError, ReportFile, ReportRow};
pub use reports::{
    CheckReport, ListReport, PathReport, PreviewReport, ProfileReport, ReconcileReport, SendReport,
    SettingReport, StatusReport, TokenReport, won,
};
pub use sink::Sink;
pub(crate) use ui::LogLevel;
pub use ui::{Color, Failure, Field, Format, Level, Settings, Streams, Ui};
