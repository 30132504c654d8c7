import Dispatch

/// Waits for asynchronous work from code that is not.
///
/// The work runs on a queue of its own and not on the cooperative threads, so that callers that block all of those, as
/// tests in parallel do, still get an answer.
public enum Waiting {
  private static let hands = Hands()

  public static func wait<Result: Sendable>(
    for work: @escaping @Sendable () async throws -> Result
  ) throws -> Result {
    let box = Box<Result>()
    let done = DispatchSemaphore(value: 0)
    Task(executorPreference: hands) {
      do { box.result = .success(try await work()) } catch { box.result = .failure(error) }
      done.signal()
    }
    done.wait()
    guard let result = box.result else { throw CancellationError() }
    return try result.get()
  }

  /// Written before the semaphore is signalled, read after.
  private final class Box<Result: Sendable>: @unchecked Sendable {
    var result: Swift.Result<Result, any Error>?
  }

  private final class Hands: TaskExecutor {
    private let queue = DispatchQueue(label: "baedal.waiting", attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
      let job = UnownedJob(job)
      let executor = asUnownedTaskExecutor()
      queue.async { job.runSynchronously(on: executor) }
    }
  }
}
