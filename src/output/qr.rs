//! A text as a QR code of half blocks, for the camera of whoever stands before the terminal.

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};

/// What the unprinted parts of a terminal look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    /// As the colours that go with the drawing say: dark on light.
    Light,
    /// Nobody knows; most are dark, so what is light is printed.
    Dark,
}

/// The lines of the code with its quiet zone; `None` for a text that no code can hold.
pub(super) fn draw(text: &str, ground: Ground) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let (dark, light) = match ground {
        Ground::Light => (Dense1x2::Dark, Dense1x2::Light),
        Ground::Dark => (Dense1x2::Light, Dense1x2::Dark),
    };
    Some(code.render::<Dense1x2>().dark_color(dark).light_color(light).quiet_zone(true).build())
}
