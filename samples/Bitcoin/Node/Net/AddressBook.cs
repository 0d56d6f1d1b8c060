using System.Net;

namespace Bitcoin.Node.Net;

/// <summary>Addresses of other nodes that somebody told of.</summary>
internal sealed class AddressBook(TimeProvider clock)
{
    private const int MaxAddresses = 20_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPEndPoint, (ulong Services, uint Time)> _known = [];

    internal int Count
    {
        get
        {
            lock (_gate)
            {
                return _known.Count;
            }
        }
    }

    internal bool Add(IPEndPoint end, ulong services, uint time)
    {
        lock (_gate)
        {
            if (_known.Count >= MaxAddresses && !_known.ContainsKey(end))
            {
                _known.Remove(_known.Keys.First());
            }

            bool isNew = !_known.ContainsKey(end);
            long now = clock.GetUtcNow().ToUnixTimeSeconds();
            _known[end] = (services, time > now + 600 ? (uint)Math.Max(0, now - (5 * 24 * 60 * 60)) : time);
            return isNew;
        }
    }

    internal IPEndPoint? Pick()
    {
        lock (_gate)
        {
            return _known.Count == 0 ? null : _known.Keys.ElementAt(Random.Shared.Next(_known.Count));
        }
    }

    internal IReadOnlyList<(IPEndPoint End, ulong Services, uint Time)> Sample(int most)
    {
        lock (_gate)
        {
            IPEndPoint[] keys = [.. _known.Keys];
            Random.Shared.Shuffle(keys);
            return [.. keys.Take(most).Select(key => (key, _known[key].Services, _known[key].Time))];
        }
    }
}
