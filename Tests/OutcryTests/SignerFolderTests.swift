import Glibc
import Outcry
import Testing

/// Stands where a gateway stands: has calls signed, and keeps their stamps.
final class StressGateway: Session {
    private let signer: Alias
    private var left: Int
    private(set) var stamps: [UInt64] = []
    private(set) var failures: [String] = []

    init(_ signer: Alias, calls: Int) {
        self.signer = signer
        left = calls
    }

    static func handlers(_ on: inout Handlers<StressGateway>) {
        on(.started) { me, _, my in
            let first = me.left
            for number in 1...first {
                let call = MtGoxRawCall(endpoint: "order/add", instrument: .btcusd)
                my.post(
                    .mtgoxSeal, to: me.signer,
                    MtGoxSealJob(number: UInt64(number), call: call, carrier: .http))
            }
        }
        on(.mtgoxSealed) { me, sealed, my in
            me.stamps.append(sealed.stamp.value)
            my.post(.mtgoxSealDone, to: me.signer, sealed.number)
            me.count(my)
        }
        on(.mtgoxNotSealed) { me, failure, my in
            me.failures.append("\(failure)")
            me.count(my)
        }
    }

    private func count(_ my: Context) {
        left -= 1
        if left == 0 { my.kernel.stop() }
    }
}

/// Signers on real files, on reactors side by side.
@Suite(.serialized) struct SignerFolderTests {
    private static func run(
        _ folder: String, _ stamps: MtGoxSignerOptions.Stamps, calls: Int
    ) throws -> StressGateway {
        var options = MtGoxSignerOptions()
        options.stamps = stamps
        options.folder = folder
        let kernel = Kernel(driver: try Reactor())
        kernel.onLog = { _ in }
        let credentials = try MtGoxCredentials(
            key: KeySourceTests.key, secret: KeySourceTests.secret)
        kernel.start(
            MtGoxSigner(credentials, gateway: "gateway", options: options), alias: "signer")
        let gateway = StressGateway("signer", calls: calls)
        kernel.start(gateway, alias: "gateway")
        try kernel.run()
        return gateway
    }

    /// Four kernels on four threads share one key: no stamp twice, nonces ascending in each.
    @Test(.timeLimit(.minutes(1)), arguments: [true, false])
    func manyReactorsShareAKey(isSerial: Bool) async throws {
        var template = Array("/tmp/outcry-marks-XXXXXX".utf8CString)
        try #require(unsafe mkdtemp(&template) != nil)
        let folder = String(
            decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer {
            for name in ["nonce", "nonce.lock", "tonce.0", "tonce.1", "tonce.2", "tonce.3"] {
                _ = unsafe unlink("\(folder)/\(KeySourceTests.key).\(name)")
            }
            #expect(unsafe rmdir(folder) == 0)
        }
        let calls = isSerial ? 25 : 500
        let all = try await withThrowingTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let gateway = try Self.run(folder, isSerial ? .nonce : .tonce, calls: calls)
                    #expect(gateway.failures == [])
                    if isSerial { #expect(gateway.stamps == gateway.stamps.sorted()) }
                    return gateway.stamps
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(all.count == 4 * calls)
        #expect(Set(all).count == all.count)
        // A successor goes on behind them.
        let next = try Self.run(folder, isSerial ? .nonce : .tonce, calls: 3).stamps
        #expect(Set(next).isDisjoint(with: all))
        if isSerial { #expect(next.min() ?? 0 > all.max() ?? 0) }
    }

    @Test func aFolderThatIsNotThere() throws {
        let gateway = try Self.run("/no/folder", .tonce, calls: 2)
        #expect(gateway.stamps == [])
        #expect(gateway.failures.count == 2)
        #expect(gateway.failures[0].hasPrefix("call not signed: no tonce: open /no/folder/"))
        let serial = try Self.run("/no/folder", .nonce, calls: 1)
        #expect(serial.failures.count == 1)
    }
}
