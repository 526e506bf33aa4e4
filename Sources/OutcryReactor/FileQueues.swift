import Dispatch

/// Dispatch's queues that this reactor uses.
struct FileQueues {
    /// Whatever was offloaded.
    let work = DispatchQueue(label: "outcry.work", attributes: .concurrent)
    /// Look-ups of names, which may wait for a server that does not answer.
    let names = DispatchQueue(label: "outcry.names", attributes: .concurrent)
    private let lanes = (0..<4).map { DispatchQueue(label: "outcry.files.\($0)") }

    /// The queue of a file: always the same for the same path, so that its operations keep their order.
    func lane(_ path: String) -> DispatchQueue {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in path.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return lanes[Int(hash % UInt64(lanes.count))]
    }
}
