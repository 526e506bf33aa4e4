public import OutcryComponents
public import OutcryKernel
public import OutcryMarket
import OutcryWire

/// Mt. Gox, as an application sees it.
public enum MtGox {
    /// From this number on trades are numbered by their time, in µs since 1970: until June 2011 they were
    /// counted, to 218,868.
    ///
    /// - Source: the protocol reference, section 12.2.
    public static let firstTimeNumber: Int64 = 1_308_528_000_000_000

    /// Opens a link: starts its parts on `kernel`, connecting as soon as it runs.
    ///
    /// - Parameters:
    ///   - url: The stream, for instance `ws://127.0.0.1:8080/mtgox`.
    ///   - http: Where the HTTP calls go; the host of `url` if not said, but `data.mtgox.com` where that is
    ///     one of the venue's hosts for streams, which answered no calls.
    ///   - instruments: What is subscribed and kept as books.
    ///   - name: The stem of the parts' aliases, for more than one link on a kernel.
    ///   - trust: Who may vouch for the venue's certificate, where a URL is `wss` or `https`.
    ///   - account: The account to trade with; without one orders are refused, and calls are public.
    ///   - options: What orders pass, and how the desk goes about its work.
    /// - Throws: What is wrong with a URL.
    public static func open(
        on kernel: Kernel, url: String, http: String? = nil, instruments: [Instrument],
        name: String? = nil, trust: TLSTrust = .system, account: MtGoxAccess? = nil,
        options: AccountOptions = AccountOptions()
    ) throws -> Link {
        try Link.open(
            MtGoxVenue(instruments, account: account), on: kernel, url: url,
            http: try http ?? calls(besides: url), instruments: instruments, name: name,
            trust: trust, account: options)
    }

    /// Where the calls go of a link to one of the venue's hosts for streams: the same port, and as secret;
    /// nil for any other host.
    ///
    /// - Source: the protocol reference, section 1.
    package static func calls(besides url: String) throws -> String? {
        let stream = try VenueURL(url)
        switch stream.host {
        case "socketio.mtgox.com", "websocket.mtgox.com", "socketio-beta.mtgox.com",
            "websocket-beta.mtgox.com":
            return "\(stream.isSecure ? "https" : "http")://data.mtgox.com:\(stream.port)/"
        default: return nil
        }
    }

    /// Whether a host is one of the venue's own.
    package static func isVenue(_ host: String) -> Bool {
        host == "mtgox.com" || host.hasSuffix(".mtgox.com")
    }

    /// Opens a link that plays a recording of the public stream, through the same parser and components.
    ///
    /// On the simulation driver it takes no time; the end of the recording comes as a `disconnected`
    /// without a next try.
    ///
    /// - Parameters:
    ///   - speed: How many times as fast as it was recorded, on the kernel's clock.
    ///   - instruments: What is kept as books; the recording should hold their channels.
    ///   - options: With ``OutcryComponents/AccountOptions/paper`` the link has an account whose orders are simulated;
    ///     else orders are refused.
    /// - Throws: ``OutcryComponents/LinkError``.
    public static func open(
        on kernel: Kernel, playing recording: Recording, speed: Double = 1,
        instruments: [Instrument], name: String? = nil,
        options: AccountOptions = AccountOptions()
    ) throws -> Link {
        let nowhere = try VenueURL("http://recording.invalid/")
        return try Link.open(
            MtGoxVenue(instruments), on: kernel,
            from: .recording(recording, http: nowhere, speed: speed), instruments: instruments,
            name: name, account: options)
    }

    /// The currency with this code, with the decimals that Mt. Gox counted it with.
    public static func currency(_ code: String) -> Currency? {
        let bytes = Array(code.utf8)
        return Currency(mtgox: bytes.span)
    }
}
