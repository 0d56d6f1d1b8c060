using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Bitcoin.Hosting;

namespace Bitcoin.Rpc;

/// <summary>
/// The threads on which methods run. They have names, so that the logs of other processes can be matched with this
/// one's.
/// </summary>
/// <remarks>
/// A method that waits, or that calls another process, has its own thread while it runs; it can delay only other
/// waiting methods. So neither many waiting methods nor a process that does not answer delays a short method.
/// </remarks>
internal sealed class RpcWorkers : IDisposable
{
    private readonly RpcTable _table;
    private readonly Lane _short;
    private readonly Lane _waiting;

    /// <param name="table">The methods.</param>
    /// <param name="threads">How many short methods run at a time.</param>
    /// <param name="waiters">How many waiting methods run at a time.</param>
    /// <param name="queueDepth">How many requests of either kind may wait for a thread.</param>
    /// <param name="log">The process's log.</param>
    internal RpcWorkers(RpcTable table, int threads, int waiters, int queueDepth, DebugLog log)
    {
        _table = table;
        _short = new Lane("b-httpworker", threads, queueDepth, log);
        _waiting = new Lane("b-httpwaiter", waiters, queueDepth, log);
    }

    /// <summary>Queues a request.</summary>
    /// <returns>Status and text of the answer; null if the queue is full.</returns>
    internal Task<(int Status, RpcReply? Reply)>? TryRun(
        JsonNode? request, SecretArguments secrets, string path, string user, bool waits)
    {
        return TryRun(() =>
        {
            RpcReply? reply = JsonRpc.AnswerText(_table, request, secrets, path, user, out int status);
            return (status, reply);
        }, waits);
    }

    /// <summary>Queues work that is not a method of the table.</summary>
    /// <returns>Status and text of the answer; null if the queue is full.</returns>
    internal Task<(int Status, RpcReply? Reply)>? TryRun(Func<(int Status, RpcReply? Reply)> run, bool waits)
    {
        Request added = new(run);
        return (waits ? _waiting : _short).TryAdd(added) ? added.Done.Task : null;
    }

    /// <summary>Starts nothing more. Each thread ends after its current work.</summary>
    public void Dispose()
    {
        _short.End();
        _waiting.End();
    }

    private sealed record Request(Func<(int Status, RpcReply? Reply)> Run)
    {
        internal TaskCompletionSource<(int Status, RpcReply? Reply)> Done { get; } = new(
            TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Threads that share a queue. A request that finds no idle thread starts one, which then stays.</summary>
    private sealed class Lane(string name, int threads, int depth, DebugLog log)
    {
        private readonly Lock _gate = new();
        private readonly SemaphoreSlim _there = new(0);

        // Guarded by the gate.
        private readonly Queue<Request> _queue = new();
        private int _started;
        private int _idle;
        private bool _hasEnded;

        internal bool TryAdd(Request request)
        {
            int number = -1;
            lock (_gate)
            {
                if (_hasEnded || _queue.Count >= depth + _idle)
                {
                    return false;
                }

                _queue.Enqueue(request);
                if (_queue.Count > _idle && _started < threads)
                {
                    number = _started++;
                }
            }

            if (number >= 0)
            {
                Start(number);
            }

            _there.Release();
            return true;
        }

        internal void End()
        {
            int count;
            lock (_gate)
            {
                _hasEnded = true;
                count = _started;
            }

            if (count > 0)
            {
                _there.Release(count);
            }
        }

        private void Start(int number)
        {
            try
            {
                new Thread(Work) { IsBackground = true, Name = $"{name}.{number}" }.Start();
            }
            catch (OutOfMemoryException exception)
            {
                // The system cannot start a thread. The existing threads continue; if there is none, the request waits
                // for the next attempt.
                lock (_gate)
                {
                    _started--;
                }

                log.Warn($"a thread for RPC could not be started: {exception.Message}");
            }
        }

        private void Work()
        {
            while (true)
            {
                Request? request;
                lock (_gate)
                {
                    _idle++;
                }

                _there.Wait();
                lock (_gate)
                {
                    _idle--;
                    if (!_queue.TryDequeue(out request) && _hasEnded)
                    {
                        return;
                    }
                }

                if (request is not null)
                {
                    Answer(request);
                }
            }
        }

        [SuppressMessage(
            "Design",
            "CA1031",
            Justification = "What a request does wrong must not end the thread that serves the next one.")]
        private void Answer(Request request)
        {
            try
            {
                request.Done.SetResult(request.Run());
            }
            catch (Exception exception)
            {
                log.Warn($"a request could not be answered: {exception.GetType().Name}: {exception.Message}");
                request.Done.SetResult(
                    (500, new RpcReply(JsonRpc.Refuse(
                        new Interfaces.RpcException(Interfaces.RpcErrorCode.InternalError, exception.Message),
                        out _))));
            }
        }
    }
}
