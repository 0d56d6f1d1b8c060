using System.Net;

namespace Bitcoin.Rpc;

/// <summary>
/// Makes who guesses passwords wait: the attempts of one address are looked at one after another, a quarter of a second
/// after a wrong one, however many connections they come on. Any thread may call.
/// </summary>
/// <remarks>
/// An attempt waits before it is looked at, so that the right one among many is not answered sooner. Who leaves before
/// gives up the place in the queue. Time is measured, not read from the clock on the wall, which may be put back.
/// </remarks>
internal sealed class PasswordDelay(TimeProvider time)
{
    private const int ManyAddresses = 1000;

    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();

    // Under the gate: those with an attempt under way, or a wrong one a moment ago.
    private readonly Dictionary<IPAddress, Turns> _turns = [];

    internal int Addresses
    {
        get
        {
            lock (_gate)
            {
                return _turns.Count;
            }
        }
    }

    /// <summary>Looks at an attempt when it is its turn. The answer to a wrong one comes later still.</summary>
    /// <param name="address">Where it comes from.</param>
    /// <param name="isRight">Looks at the password.</param>
    /// <param name="cancelled">Cancelled when the client is gone.</param>
    internal async Task<bool> Try(IPAddress address, Func<bool> isRight, CancellationToken cancelled)
    {
        Turns turns = Enter(address);
        try
        {
            await turns.Turn.WaitAsync(cancelled).ConfigureAwait(false);
            try
            {
                if (Rest(turns) is { } rest && rest > TimeSpan.Zero)
                {
                    await Task.Delay(rest, time, cancelled).ConfigureAwait(false);
                }

                if (isRight())
                {
                    return true;
                }

                turns.Failed = time.GetTimestamp();
            }
            finally
            {
                turns.Turn.Release();
            }

            await Task.Delay(s_delay, time, cancelled).ConfigureAwait(false);
            return false;
        }
        finally
        {
            Leave(address, turns);
        }
    }

    private Turns Enter(IPAddress address)
    {
        lock (_gate)
        {
            if (!_turns.TryGetValue(address, out Turns? turns))
            {
                if (_turns.Count >= ManyAddresses)
                {
                    foreach (IPAddress idle in _turns.Where(pair => IsOver(pair.Value)).Select(
                        static pair => pair.Key).ToArray())
                    {
                        _turns.Remove(idle);
                    }
                }

                _turns.Add(address, turns = new Turns());
            }

            turns.Attempts++;
            return turns;
        }
    }

    private void Leave(IPAddress address, Turns turns)
    {
        lock (_gate)
        {
            turns.Attempts--;
            if (IsOver(turns))
            {
                _turns.Remove(address);
            }
        }
    }

    private bool IsOver(Turns turns) => turns.Attempts == 0 && Rest(turns) is not { Ticks: > 0 };

    /// <summary>How long after the last wrong attempt the next one waits still; null without one.</summary>
    private TimeSpan? Rest(Turns turns) => turns.Failed is { } failed ? s_delay - time.GetElapsedTime(failed) : null;

    /// <summary>The attempts of one address.</summary>
    private sealed class Turns
    {
        /// <summary>Held by the one that is looked at.</summary>
        internal SemaphoreSlim Turn { get; } = new(1);

        /// <summary>How many there are. Under the gate of all addresses.</summary>
        internal int Attempts { get; set; }

        /// <summary>When the last wrong one was looked at. Written by who has the turn.</summary>
        internal long? Failed { get; set; }
    }
}
