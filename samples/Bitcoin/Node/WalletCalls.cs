using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.Node;

/// <summary>Makes calls to a wallet process while that process answers at all. Thread-safe.</summary>
/// <remarks>
/// A call may take long, a rescan for example. So its duration does not show whether the process works or hangs.
/// Instead, once a call has taken some time, another thread asks the process for its identity. If that is not answered,
/// the call is abandoned together with its thread, which ends when the process answers or ends. Until then further
/// calls are refused at once, so the number of abandoned threads is limited by the number of calls.
/// </remarks>
internal sealed class WalletCalls(IChildProcess child, string program, TimeSpan patience) : IDisposable
{
    private readonly object _gate = new();

    // Guarded by the gate, which is pulsed when a call ends or the process answers again.
    private readonly Stack<Caller> _idle = new();
    private bool _isAsking;
    private bool _isSilent;
    private bool _isDisposed;
    private long _heard = Environment.TickCount64;
    private int _number;

    /// <summary>Runs a call on a thread that can be abandoned.</summary>
    /// <exception cref="RpcException">
    /// The process does not answer. It may or may not run the call.
    /// </exception>
    internal T Run<T>(Func<T> call)
    {
        Call made = new(() => call());
        lock (_gate)
        {
            if (_isSilent)
            {
                throw Silence();
            }

            Caller caller = _idle.TryPop(out Caller? idle) ? idle : new Caller(this, _number++);
            caller.Take(made);
            long asked = Environment.TickCount64;
            while (!made.HasEnded)
            {
                if (Monitor.Wait(_gate, patience))
                {
                    if (_isSilent && !made.HasEnded)
                    {
                        throw Silence();
                    }

                    continue;
                }

                AskLocked();
                if (Environment.TickCount64 - Math.Max(_heard, asked) > 2 * patience.TotalMilliseconds)
                {
                    _isSilent = true;
                    Monitor.PulseAll(_gate);
                    throw Silence();
                }
            }
        }

        if (made.Failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        return (T)made.Result!;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            while (_idle.TryPop(out Caller? caller))
            {
                caller.Take(null);
            }
        }
    }

    private RpcException Silence()
    {
        return new RpcException(
            RpcErrorCode.Wallet,
            $"The wallet process {child.Id} ({program}) does not answer: it may be stopped. Whether it runs this call "
                + $"later is not known.");
    }

    /// <summary>Asks the process for its identity, on a thread that waits as long as it takes.</summary>
    [SuppressMessage(
        "Design",
        "CA1031",
        Justification = "Who is gone has answered; the call itself says what became of it.")]
    private void AskLocked()
    {
        if (_isAsking)
        {
            return;
        }

        _isAsking = true;
        new Thread(() =>
        {
            try
            {
                child.Init.GetProcess();
            }
            catch (Exception)
            {
                // The process is gone: all calls to it fail for that reason.
            }

            lock (_gate)
            {
                _isAsking = false;
                _isSilent = false;
                _heard = Environment.TickCount64;
            }
        })
        { IsBackground = true, Name = "b-walletask" }.Start();
    }

    /// <summary>A call and its result. Guarded by the gate, except for the call itself.</summary>
    private sealed class Call(Func<object?> run)
    {
        internal Func<object?> Function => run;

        internal object? Result { get; set; }

        internal Exception? Failure { get; set; }

        internal bool HasEnded { get; set; }
    }

    /// <summary>A thread that makes calls, one after another.</summary>
    private sealed class Caller
    {
        private readonly WalletCalls _calls;
        private readonly SemaphoreSlim _there = new(0);
        private Call? _call;

        internal Caller(WalletCalls calls, int number)
        {
            _calls = calls;
            new Thread(Work) { IsBackground = true, Name = $"b-walletcall.{number}" }.Start();
        }

        /// <summary>Takes the next call; null to end. Called under the gate.</summary>
        internal void Take(Call? call)
        {
            _call = call;
            _there.Release();
        }

        [SuppressMessage("Design", "CA1031", Justification = "Thrown again where the call was made.")]
        private void Work()
        {
            while (true)
            {
                _there.Wait();
                if (_call is not { } call)
                {
                    return;
                }

                object? result = null;
                Exception? failure = null;
                try
                {
                    result = call.Function();
                }
                catch (Exception exception)
                {
                    failure = exception;
                }

                lock (_calls._gate)
                {
                    (call.Result, call.Failure, call.HasEnded) = (result, failure, true);
                    _calls._heard = Environment.TickCount64;
                    _calls._isSilent = false;
                    Monitor.PulseAll(_calls._gate);
                    if (_calls._isDisposed)
                    {
                        return;
                    }

                    _calls._idle.Push(this);
                }
            }
        }
    }
}
