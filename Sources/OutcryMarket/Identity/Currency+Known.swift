/// The currencies that Mt. Gox counted, with the decimals of its `*_int` fields.
///
/// Another venue that counts finer or coarser names its own: `Currency("USD", decimals: 2)`.
///
/// - Source: the Mt. Gox protocol reference, section 2.1 (BTC, LTC, NMC 8; JPY, SEK 3;
///   all others 5).
extension Currency {
    /// Bitcoin, 8 decimals.
    @inlinable public static var btc: Self { Self("B", "T", "C", 8) }

    /// Litecoin, 8 decimals.
    @inlinable public static var ltc: Self { Self("L", "T", "C", 8) }

    /// Namecoin, 8 decimals.
    @inlinable public static var nmc: Self { Self("N", "M", "C", 8) }

    /// Japanese yen, 3 decimals.
    @inlinable public static var jpy: Self { Self("J", "P", "Y", 3) }

    /// Swedish krona, 3 decimals.
    @inlinable public static var sek: Self { Self("S", "E", "K", 3) }

    /// United States dollar, 5 decimals.
    @inlinable public static var usd: Self { Self("U", "S", "D", 5) }

    /// Australian dollar, 5 decimals.
    @inlinable public static var aud: Self { Self("A", "U", "D", 5) }

    /// Canadian dollar, 5 decimals.
    @inlinable public static var cad: Self { Self("C", "A", "D", 5) }

    /// Swiss franc, 5 decimals.
    @inlinable public static var chf: Self { Self("C", "H", "F", 5) }

    /// Chinese yuan, 5 decimals.
    @inlinable public static var cny: Self { Self("C", "N", "Y", 5) }

    /// Czech koruna, 5 decimals.
    @inlinable public static var czk: Self { Self("C", "Z", "K", 5) }

    /// Danish krone, 5 decimals.
    @inlinable public static var dkk: Self { Self("D", "K", "K", 5) }

    /// Euro, 5 decimals.
    @inlinable public static var eur: Self { Self("E", "U", "R", 5) }

    /// Pound sterling, 5 decimals.
    @inlinable public static var gbp: Self { Self("G", "B", "P", 5) }

    /// Hong Kong dollar, 5 decimals.
    @inlinable public static var hkd: Self { Self("H", "K", "D", 5) }

    /// Indian rupee, 5 decimals.
    @inlinable public static var inr: Self { Self("I", "N", "R", 5) }

    /// South Korean won, 5 decimals.
    @inlinable public static var krw: Self { Self("K", "R", "W", 5) }

    /// Norwegian krone, 5 decimals.
    @inlinable public static var nok: Self { Self("N", "O", "K", 5) }

    /// New Zealand dollar, 5 decimals.
    @inlinable public static var nzd: Self { Self("N", "Z", "D", 5) }

    /// Polish zloty, 5 decimals.
    @inlinable public static var pln: Self { Self("P", "L", "N", 5) }

    /// Russian ruble, 5 decimals.
    @inlinable public static var rub: Self { Self("R", "U", "B", 5) }

    /// Singapore dollar, 5 decimals.
    @inlinable public static var sgd: Self { Self("S", "G", "D", 5) }

    /// Thai baht, 5 decimals.
    @inlinable public static var thb: Self { Self("T", "H", "B", 5) }
}
