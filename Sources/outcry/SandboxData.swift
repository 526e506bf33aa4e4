import Glibc
import OutcrySandbox

/// Where `outcry sandbox --data DIR` keeps its exchange: `DIR/journal.sqlite`, for the owner alone.
struct SandboxData {
    /// The folder, whole.
    let path: String
    let journal: Journal
    private let isDurable: Bool

    /// Takes `--data` and `--durable`; nil without them.
    ///
    /// - Throws: ``UsageError`` where the folder cannot be used, and ``JournalError``.
    init?(_ arguments: inout Arguments) throws {
        let isDurable = arguments.flag("--durable")
        guard let named = try arguments.option("--data") else {
            guard isDurable else { return nil }
            throw UsageError("--durable: expected --data DIR beside it, found none")
        }
        // Open for a moment: the journal has a lock of its own, which says who has it.
        let folder = try KeyFolder(named, option: "--data")
        folder.close()
        path = folder.path
        self.isDurable = isDurable
        // The journal holds secrets: what is made from now on is for the owner alone.
        umask(0o077)
        journal = try Journal(path: "\(path)/journal.sqlite", isDurable: isDurable)
    }

    /// Says what is kept.
    func tell(_ records: Int) {
        let survives = isDurable ? "the machine's end" : "this program's end"
        Terminal.line(
            "data    \(journal.path): "
                + (records == 0 ? "begun" : "went on after \(Show.count(records)) records")
                + ", survives \(survives)")
    }
}
