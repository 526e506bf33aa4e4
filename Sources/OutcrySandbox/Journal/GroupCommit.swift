/// Gathers records to batches, one of which is on its way at a time; counts what is safe.
///
/// The first record goes at once; what comes while a batch is being written makes the next one. So a
/// record waits for one batch at most before its own is begun, and under load a batch grows by itself.
struct GroupCommit {
    /// Records of one batch at most.
    static let mostRecords = 1_000

    private var waiting: [JournalRecord] = []
    /// Where units end that wait: how many records were added until then.
    private var ends: [Int] = []
    private var isWriting = 0
    /// Records that were given to ``add(_:)``, ever.
    private(set) var added = 0
    /// Of those, the ones that are written.
    private(set) var written = 0
    /// Batches that were written.
    private(set) var batches = 0

    /// Whether everything is written.
    var isSettled: Bool { written == added }

    /// Takes records that are written together or not at all.
    mutating func add(_ unit: [JournalRecord]) {
        guard !unit.isEmpty else { return }
        waiting += unit
        added += unit.count
        ends.append(added)
    }

    /// The batch to be written now; nil while another one is on its way, or when there is none.
    mutating func next() -> [JournalRecord]? {
        guard isWriting == 0, !waiting.isEmpty else { return nil }
        // Whole units: as many as fit, and one that is larger alone.
        let units = max(1, ends.prefix { $0 - written <= Self.mostRecords }.count)
        let count = ends[units - 1] - written
        ends.removeFirst(units)
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
