import Outcry

/// `outcry-peer tls-get CA.pem`: lines `ID PORT NAME WANT` from the standard input; each gets
/// `https://NAME:PORT/` from 127.0.0.1, trusting CA.pem alone (`system`: the system's), within 4 s. Prints `ID ok` (status 200 and the
/// body `ok`) or `ID fail`, and why to the error output.
enum TLSGet {
    struct Case: Sendable {
        let id: String
        let url: VenueURL
    }

    static func run(_ words: inout PeerWords) throws {
        let authority = try words.next("CA.pem, or system")
        try words.finish()
        var cases: [Case] = []
        var options = ReactorOptions()
        while let line = readLine() {
            let words = line.split(separator: " ").map(String.init)
            guard words.count >= 3 else { continue }
            let url = try VenueURL("https://\(words[2]):\(words[1])/")
            cases.append(Case(id: words[0], url: url))
            options.hosts[url.host] = [.loopback(port: 0)]
        }
        let kernel = Kernel(driver: try Reactor(options))
        let trust = authority == "system" ? TLSTrust.system : .authorities(.file(authority))
        kernel.start(HTTPClient(timeout: .seconds(4), trust: trust), alias: "http")
        kernel.start(TLSGetter(cases))
        try kernel.run()
    }
}

/// Makes the calls, all at once.
private final class TLSGetter: Session {
    private let cases: [TLSGet.Case]
    private var left: Int

    init(_ cases: [TLSGet.Case]) {
        self.cases = cases
        left = cases.count
    }

    static func handlers(_ on: inout Handlers<TLSGetter>) {
        on(.started) { me, _, my in
            for one in me.cases {
                my.task { my in
                    let result = try await my.ask(
                        .httpCall, to: "http", HTTPCall(get: "/", at: one.url), timeout: .seconds(6)
                    )
                    me.tell(one, result)
                    me.left -= 1
                    if me.left == 0 { my.kernel.stop() }
                }
            }
        }
    }

    private func tell(_ one: TLSGet.Case, _ result: Outcome<HTTPReply, HTTPFailure>) {
        switch result {
        case .success(let reply):
            let isRight = reply.head.status == 200 && reply.body == Array("ok".utf8)
            Output.line("\(one.id) \(isRight ? "ok" : "fail")")
        case .failure(let failure):
            Output.line("\(one.id) fail")
            Output.error("\(one.url): \(failure)")
        }
    }
}
