import Glibc
import Outcry
import OutcrySandbox

/// The doors of `outcry sandbox` where it speaks MidChains: `--midchains-port`, `--midchains-tls-port`.
struct MidChainsDoors {
    private let plain: Int?
    private let secret: Int?
    private let authority: String?
    private let user: String
    private let password: String
    /// It was made up, so it is shown.
    private let isMadeUp: Bool

    /// Adds the doors that the words ask for; nil where they ask for none.
    ///
    /// - Parameter certificates: Those of `--tls`, which the secret door shows too.
    init?(
        _ configuration: inout SandboxConfiguration, _ arguments: inout Arguments,
        _ certificates: SandboxCertificates?
    ) throws {
        let port = try arguments.integer("--midchains-port", in: 0...65_535)
        let tlsPort = try arguments.integer("--midchains-tls-port", in: 0...65_535)
        guard port != nil || tlsPort != nil else { return nil }
        var doors: [SandboxDoor] = []
        var places: (plain: Int?, secret: Int?) = (nil, nil)
        let first = configuration.doors.count
        if let port {
            places.plain = first
            doors.append(SandboxDoor(.loopback(port: UInt16(port)), dialect: .midChains))
        }
        if let tlsPort {
            guard let certificates else {
                throw UsageError("--midchains-tls-port: expected --tls beside it, found none")
            }
            places.secret = first + doors.count
            doors.append(
                SandboxDoor(
                    .loopback(port: UInt16(tlsPort)),
                    tls: TLSServerOptions(identity: certificates.identity), dialect: .midChains))
        }
        configuration.doors += doors
        (plain, secret) = places
        authority = certificates?.authorityPath
        let given = Self.environment()
        user = given.user ?? "trader"
        isMadeUp = given.password == nil
        password = try given.password ?? Self.madeUp()
        // What the first clients of the venue were shown to ask for.
        if configuration.instruments.contains(.btcusd) {
            configuration.midChains.listings = [("BCHUSD", .btcusd)]
        }
        guard (1...117).contains(password.utf8.count) else {
            throw UsageError(
                "OUTCRY_MIDCHAINS_PASSWORD: expected 1 to 117 bytes, found \(password.utf8.count)")
        }
        configuration.midChains.users = [SandboxMidChainsUser(user, password: password)]
    }

    private static func environment() -> (user: String?, password: String?) {
        func value(_ name: String) -> String? {
            unsafe getenv(name).map { unsafe String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        return (value("OUTCRY_MIDCHAINS_USER"), value("OUTCRY_MIDCHAINS_PASSWORD"))
    }

    private static func madeUp() throws(CryptoError) -> String {
        Base64.encode(try RandomBytes.make(15))
    }

    /// Says where they are, and who may log in.
    func tell(_ addresses: [SocketAddress]) {
        if let plain { Terminal.line("midchains  ws://\(addresses[plain])/") }
        if let secret, let authority {
            let port = addresses[secret].port
            Terminal.line("midchains  wss://localhost:\(port)/, trust \(authority)")
        }
        if let place = plain ?? secret {
            let url =
                place == plain
                ? "ws://\(addresses[place])" : "wss://localhost:\(addresses[place].port)"
            Terminal.line("watch      outcry watch midchains BTCUSD --url \(url)")
        }
        guard isMadeUp else { return Terminal.line("user       \(user)") }
        Terminal.line(
            """
            user       \(user), if there is an account of that name; the password is shown this once
                       export OUTCRY_MIDCHAINS_USER=\(user) OUTCRY_MIDCHAINS_PASSWORD=\(password)
            """)
    }
}
