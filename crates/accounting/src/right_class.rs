//! Right classes (权证类别): two rights are interchangeable only if their class is the same.

use jiff::civil::Date;
use thiserror::Error;

/// What kind of right it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Product {
    /// A yearly quantity held for the whole validity (排污权); discharging does not consume it.
    MultiYear,
    /// The verified surplus of one year (年度富余排放量); it never mixes with the multi-year right.
    AnnualSurplus {
        /// The compliance year.
        year: i16,
    },
}

/// How the right was first obtained. Paid and free rights follow different rules on sale, pledge and take-back
/// (财税〔2015〕61号), so they never mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Granted without a fee (无偿).
    Free,
    /// Bought, or its usage fee paid (有偿).
    Paid,
}

impl Origin {
    /// Every word of one.
    pub const WORDS: &'static [&'static str] = &["free", "paid"];

    /// The word that requests and rows use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Paid => "paid",
        }
    }

    /// Reads the word back.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Free, Self::Paid].into_iter().find(|origin| origin.as_str() == text)
    }
}

/// The first and the last day on which the right may be used, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Validity {
    from: Date,
    to: Date,
}

impl Validity {
    /// # Errors
    /// [`RightClassFault::Validity`] when it ends before it begins.
    pub fn try_new(from: Date, to: Date) -> Result<Self, RightClassFault> {
        if from <= to { Ok(Self { from, to }) } else { Err(RightClassFault::Validity) }
    }

    /// First day.
    pub fn from(self) -> Date {
        self.from
    }

    /// Last day.
    pub fn to(self) -> Date {
        self.to
    }

    /// Whether the day lies within.
    pub fn contains(self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }
}

/// Pollutant × product × origin × zone × validity.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RightClass {
    /// Pollutant code: `COD`, `NH3N`, `SO2`, `NOX`.
    pub pollutant: String,
    /// Multi-year right or annual surplus.
    pub product: Product,
    /// Free or paid.
    pub origin: Origin,
    /// Basin code for water, city code for air: rights trade only within it.
    pub zone: String,
    /// First and last day of use.
    pub validity: Validity,
}

/// Why a text is not the code of a right class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RightClassFault {
    /// Not six parts joined by dashes, or a part is unknown.
    #[error("is not the code of a right class, such as COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    Code,
    /// The validity ends before it begins.
    #[error("ends before it begins")]
    Validity,
}

impl RightClass {
    /// The readable code, for example `COD-MULTI-PAID-LUSHUI-20210101-20251231` or `SO2-Y2022-FREE-421200-20220101-20221231`.
    pub fn code(&self) -> String {
        let product = match self.product {
            Product::MultiYear => "MULTI".to_owned(),
            Product::AnnualSurplus { year } => format!("Y{year:04}"),
        };
        let origin = match self.origin {
            Origin::Free => "FREE",
            Origin::Paid => "PAID",
        };
        let day = |date: Date| date.strftime("%Y%m%d").to_string();
        let (from, to) = (day(self.validity.from), day(self.validity.to));
        format!("{}-{product}-{origin}-{}-{from}-{to}", self.pollutant, self.zone)
    }

    /// Reads a code back.
    ///
    /// # Errors
    /// [`RightClassFault`] names what is wrong with it.
    pub fn parse(code: &str) -> Result<Self, RightClassFault> {
        let parts: Vec<&str> = code.split('-').collect();
        let [pollutant, product, origin, zone, from, to] = parts[..] else {
            return Err(RightClassFault::Code);
        };
        let word = |text: &str| {
            let plain = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
            if text.is_empty() || !plain { Err(RightClassFault::Code) } else { Ok(text.to_owned()) }
        };
        let day = |text: &str| {
            let plain = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
            if plain {
                Date::strptime("%Y%m%d", text).map_err(|_| RightClassFault::Code)
            } else {
                Err(RightClassFault::Code)
            }
        };
        let product = match product {
            "MULTI" => Product::MultiYear,
            year => {
                let digits = year.strip_prefix('Y').filter(|digits| digits.len() == 4).ok_or(RightClassFault::Code)?;
                if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(RightClassFault::Code);
                }
                Product::AnnualSurplus { year: digits.parse().map_err(|_| RightClassFault::Code)? }
            }
        };
        let origin = match origin {
            "FREE" => Origin::Free,
            "PAID" => Origin::Paid,
            _ => return Err(RightClassFault::Code),
        };
        let validity = Validity::try_new(day(from)?, day(to)?)?;
        Ok(Self { pollutant: word(pollutant)?, product, origin, zone: word(zone)?, validity })
    }
}
