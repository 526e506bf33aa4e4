public import OutcryMarket

extension Currency {
    /// The currency whose code stands in a message, with Mt. Gox's decimals; nil for one that it
    /// did not count. Allocates nothing.
    ///
    /// - Source: the protocol reference, section 2.1.
    public init?(mtgox code: Span<UInt8>) {
        guard code.count == 3 else { return nil }
        let word = UInt32(code[0]) | UInt32(code[1]) << 8 | UInt32(code[2]) << 16
        switch word {
        case Self.usd.codeWord: self = .usd
        case Self.eur.codeWord: self = .eur
        case Self.jpy.codeWord: self = .jpy
        case Self.btc.codeWord: self = .btc
        case Self.gbp.codeWord: self = .gbp
        case Self.pln.codeWord: self = .pln
        case Self.aud.codeWord: self = .aud
        case Self.cad.codeWord: self = .cad
        case Self.chf.codeWord: self = .chf
        case Self.cny.codeWord: self = .cny
        case Self.czk.codeWord: self = .czk
        case Self.dkk.codeWord: self = .dkk
        case Self.hkd.codeWord: self = .hkd
        case Self.inr.codeWord: self = .inr
        case Self.krw.codeWord: self = .krw
        case Self.nok.codeWord: self = .nok
        case Self.nzd.codeWord: self = .nzd
        case Self.rub.codeWord: self = .rub
        case Self.sek.codeWord: self = .sek
        case Self.sgd.codeWord: self = .sgd
        case Self.thb.codeWord: self = .thb
        case Self.ltc.codeWord: self = .ltc
        case Self.nmc.codeWord: self = .nmc
        default: return nil
        }
    }

    /// The three letters of the code, the first one lowest.
    private var codeWord: UInt32 { UInt32(truncatingIfNeeded: bits & 0xFF_FFFF) }
}
