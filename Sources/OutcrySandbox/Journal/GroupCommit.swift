/// Gathers records to batches, one of which is on its way at a time; counts what is safe.
///
/// The first record goes at once; what comes while a batch is being written makes the next one. So a
/// record waits for one batch at most before its own is begun, and under load a batch grows by itself.
struct GroupCommit {
    /// Records of one batch at most.
    static let mostRecords = 1_000

    private var waiting: [JournalRecord] = []
    private var isWriting = 0
    /// Records that were given to ``add(_:)``, ever.
    private(set) var added = 0
    /// Of those, the ones that are written.
    private(set) var written = 0
    /// Batches that were written.
    private(set) var batches = 0

    /// Whether everything is written.
    var isSettled: Bool { written == added }

    /// Takes a record.
    mutating func add(_ record: JournalRecord) {
        waiting.append(record)
        added += 1
    }

    /// The batch to be written now; nil while another one is on its way, or when there is none.
    mutating func next() -> [JournalRecord]? {
        guard isWriting == 0, !waiting.isEmpty else { return nil }
        let count = min(waiting.count, Self.mostRecords)
        let batch = Array(waiting.prefix(count))
        waiting.removeFirst(count)
        isWriting = count
        return batch
    }

    /// The batch was written.
    mutating func finish() {
        written += isWriting
        isWriting = 0
        batches += 1
    }
}
