using System.Net;

namespace Bitcoin.Rpc;

/// <summary>
/// Makes who guesses passwords wait: the attempts of one address are looked at one after another, a quarter of a second
/// apart, however many connections they come on. Any thread may call.
/// </summary>
/// <remarks>An attempt waits before it is looked at, so that the right one among many is not answered sooner.</remarks>
internal sealed class PasswordDelay(TimeProvider clock)
{
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();

    // Under the gate: when the next attempt of an address may be looked at; addresses without debts are forgotten.
    private readonly Dictionary<IPAddress, DateTimeOffset> _next = [];

    /// <summary>Waits for the address's turn, if it has failed before.</summary>
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

    /// <summary>Notes a wrong password, and waits.</summary>
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
