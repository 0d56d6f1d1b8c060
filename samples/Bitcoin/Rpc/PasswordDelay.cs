using System.Net;

namespace Bitcoin.Rpc;

/// <summary>
/// Slows down password guessing: the attempts of one address are checked one after another, 250 ms apart, on however
/// many connections they come. Thread-safe.
/// </summary>
/// <remarks>An attempt waits before it is checked, so the right password among many is not answered sooner.</remarks>
internal sealed class PasswordDelay(TimeProvider clock)
{
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();

    // Guarded by the gate: when the next attempt of an address may be checked. Addresses whose time has passed are
    // removed.
    private readonly Dictionary<IPAddress, DateTimeOffset> _next = [];

    /// <summary>Waits for the address's turn, if it has sent a wrong password before.</summary>
    internal async Task Wait(IPAddress address, CancellationToken cancelled)
    {
        TimeSpan wait;
        lock (_gate)
        {
            DateTimeOffset now = clock.GetUtcNow();
            if (!_next.TryGetValue(address, out DateTimeOffset next) || next <= now)
            {
                _next.Remove(address);
                return;
            }

            wait = next - now;
            _next[address] = next + s_delay;
        }

        await Task.Delay(wait, clock, cancelled).ConfigureAwait(false);
    }

    /// <summary>Records a wrong password, and waits.</summary>
    internal Task Fail(IPAddress address, CancellationToken cancelled)
    {
        TimeSpan wait;
        lock (_gate)
        {
            DateTimeOffset now = clock.GetUtcNow();
            DateTimeOffset next = _next.GetValueOrDefault(address);
            next = (next > now ? next : now) + s_delay;
            _next[address] = next;
            wait = s_delay;
        }

        return Task.Delay(wait, clock, cancelled);
    }
}
