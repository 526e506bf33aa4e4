public import OutcryComponents
public import OutcryKernel
public import OutcryMarket

/// MidChains, as an application sees it.
public enum MidChains {
    /// Opens a link: starts its parts on `kernel`, connecting as soon as it runs.
    ///
    /// - Parameters:
    ///   - url: The stream, for instance `wss://ws.midchains.com:8081`.
    ///   - instruments: What is subscribed and kept as books; see ``instrument(_:)``.
    ///   - name: The stem of the parts' aliases, for more than one link on a kernel.
    ///   - trust: Who may vouch for the venue's certificate, where the URL is `wss`.
    ///   - account: The account to trade with; without one orders are refused.
    ///   - dealing: What orders pass, and how the desk goes about its work.
    ///   - options: How that is taken to be which the venue does not document.
    /// - Throws: What is wrong with the URL.
    public static func open(
        on kernel: Kernel, url: String, instruments: [Instrument], name: String? = nil,
        trust: TLSTrust = .system, account: MidChainsAccess? = nil,
        dealing: AccountOptions = AccountOptions(), options: MidChainsOptions = MidChainsOptions()
    ) throws -> Link {
        try Link.open(
            MidChainsVenue(instruments, account: account, options: options), on: kernel, url: url,
            instruments: instruments, name: name, trust: trust, account: dealing)
    }

    /// The instrument of a security such as `BCHUSD`, whose last three letters are the quote: coins with eight
    /// decimals, money with five, as ``OutcryMarket/Currency/usd`` has. The venue documents no decimals.
    ///
    /// - Returns: Nil for what is no such name.
    public static func instrument(_ security: String) -> Instrument? {
        guard security.utf8.count > 3,
            let base = Currency(validating: security.dropLast(3), decimals: 8),
            let quote = Currency(validating: security.suffix(3), decimals: 5)
        else { return nil }
        return Instrument(base: base, quote: quote)
    }
}
