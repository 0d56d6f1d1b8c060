using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Bitcoin.Primitives;

namespace Bitcoin.Node.Net;

/// <summary>Who must not connect, by network, and until when. Kept in banlist.json.</summary>
internal sealed class BanList
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPNetwork, (long Created, long Until)> _bans = [];
    private readonly string? _path;
    private readonly TimeProvider _clock;

    internal BanList(string? path, TimeProvider clock)
    {
        _path = path;
        _clock = clock;
        if (path is not null && File.Exists(path))
        {
            Load(path);
        }
    }

    internal IReadOnlyList<(IPNetwork Network, long Created, long Until)> All
    {
        get
        {
            lock (_gate)
            {
                Sweep();
                return [.. _bans.Select(static pair => (pair.Key, pair.Value.Created, pair.Value.Until)).OrderBy(static ban => ban.Key.ToString(), StringComparer.Ordinal)];
            }
        }
    }

    internal bool IsBanned(IPAddress address)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        lock (_gate)
        {
            Sweep();
            return _bans.Keys.Any(network => network.Contains(address));
        }
    }

    internal bool Contains(IPNetwork network)
    {
        lock (_gate)
        {
            Sweep();
            return _bans.ContainsKey(network);
        }
    }

    internal void Add(IPNetwork network, long until)
    {
        lock (_gate)
        {
            _bans[network] = (_clock.GetUtcNow().ToUnixTimeSeconds(), until);
            Save();
        }
    }

    internal bool Remove(IPNetwork network)
    {
        lock (_gate)
        {
            bool was = _bans.Remove(network);
            Save();
            return was;
        }
    }

    internal void Clear()
    {
        lock (_gate)
        {
            _bans.Clear();
            Save();
        }
    }

    private void Sweep()
    {
        long now = _clock.GetUtcNow().ToUnixTimeSeconds();
        foreach (IPNetwork over in _bans.Where(pair => pair.Value.Until <= now).Select(static pair => pair.Key).ToArray())
        {
            _bans.Remove(over);
        }
    }

    private void Load(string path)
    {
        try
        {
            foreach (JsonNode? ban in JsonNode.Parse(File.ReadAllBytes(path))?["banned_nets"] as JsonArray ?? [])
            {
                if (IPNetwork.TryParse(ban?["address"]?.ToString(), out IPNetwork network))
                {
                    _bans[network] = (long.Parse(ban!["ban_created"]!.ToString(), CultureInfo.InvariantCulture), long.Parse(ban["banned_until"]!.ToString(), CultureInfo.InvariantCulture));
                }
            }
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or FormatException or NullReferenceException)
        {
            // A list that cannot be read is made anew.
            _bans.Clear();
        }
    }

    private void Save()
    {
        if (_path is null)
        {
            return;
        }

        JsonArray bans = new([.. _bans.Select(static pair => new JsonObject
        {
            ["version"] = 1,
            ["ban_created"] = pair.Value.Created,
            ["banned_until"] = pair.Value.Until,
            ["address"] = pair.Key.ToString(),
        })]);
        SafeFile.Write(_path, Encoding.UTF8.GetBytes(new JsonObject { ["banned_nets"] = bans }.ToJsonString()));
    }
}
