import Glibc
import OutcryWire

/// The recordings beside the tests, see `Recordings/PROVENANCE.md`.
enum Recording {
    struct Missing: Error {
        let path: String
    }

    /// The bytes of a recording, unpacked where it is stored as `.gz`.
    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let path = (folder + ["Recordings", name[...]]).joined(separator: "/")
        if let bytes = read(path) { return bytes }
        guard let packed = read(path + ".gz") else { throw Missing(path: path) }
        return try Gzip.decompress(packed.span, limit: 4 << 20)
    }

    private static func read(_ path: String) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            }
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += chunk[..<count]
        }
    }

    /// All recorded and documented messages of the stream that are whole ones.
    static let messages = [
        "stream/arvicco-depth-2012-01.json", "stream/arvicco-ticker-2012-01.json",
        "stream/orderbook-depth-zero-delta-2013-04-22.json",
        "stream/orderbook-lag-2013-04-22.json", "stream/orderbook-subscribe.json",
        "stream/remark-order-not-found.json", "stream/xchange-depth.json",
        "stream/xchange-ticker-2012-05.json", "stream/xchange-ticker.json",
        "stream/xchange-trade.json", "documented/depth-wiki-2011-12.json",
        "documented/trade-wiki-2011-07.json", "documented/user_order-removed.json",
        "documented/user_order-wiki.json", "documented/wallet-wiki.json",
    ]

    /// The recorded payloads that lost their message, with the kind that it had.
    static let payloads = [
        ("stream/scalatest-depth-payload-2013-04-21.json", "depth"),
        ("stream/scalatest-ticker-payload-2013-04-21.json", "ticker"),
        ("stream/stackexchange-depth-add-2013-06-06.json", "depth"),
        ("stream/xchange-depth-level-removed-payload.json", "depth"),
    ]

    /// A message, or a payload put back into one.
    static func message(_ name: String) throws -> [UInt8] {
        let bytes = try bytes(name)
        guard let kind = payloads.first(where: { $0.0 == name })?.1 else { return bytes }
        let head = "{\"op\":\"private\",\"private\":\"\(kind)\",\"\(kind)\":"
        return Array(head.utf8) + bytes + Array("}".utf8)
    }

    static let allMessages = messages + payloads.map(\.0)
}
