using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Bitcoin.Hosting;
using Bitcoin.Primitives;

namespace Bitcoin.Node.Net;

/// <summary>
/// The banned networks and addresses, each with the end of its ban. Stored in banlist.json.
/// </summary>
internal sealed class BanList
{
    private readonly Lock _gate = new();
    private readonly Dictionary<BanTarget, (long Created, long Until)> _bans = [];
    private readonly DebugLog _log;
    private readonly string? _path;
    private readonly TimeProvider _clock;

    internal BanList(string? path, TimeProvider clock, DebugLog log)
    {
        _log = log;
        _path = path;
        _clock = clock;
        if (path is not null && !(File.Exists(path) && TryLoad(path)))
        {
            log.Write("Recreating the banlist database");
            Save();
        }
    }

    internal int Count
    {
        get
        {
            lock (_gate)
            {
                Sweep();
                return _bans.Count;
            }
        }
    }

    internal IReadOnlyList<(BanTarget Target, long Created, long Until)> All
    {
        get
        {
            lock (_gate)
            {
                Sweep();
                return
                [
                    .. _bans.Select(
                        static pair
                            => (pair.Key, pair.Value.Created, pair.Value.Until)).OrderBy(static ban
                                => ban.Key.ToString(), StringComparer.Ordinal),
                ];
            }
        }
    }

    internal bool IsBanned(IPAddress address)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        lock (_gate)
        {
            Sweep();
            return _bans.Keys.Any(target => target.Network?.Contains(address) == true);
        }
    }

    internal bool IsBanned(NetAddress address)
        => address.Ip is { } ip && address.IsOfFirstVersion
            ? IsBanned(ip)
            : Contains(new BanTarget(null, address.Host));

    internal bool Contains(BanTarget target)
    {
        lock (_gate)
        {
            Sweep();
            return _bans.ContainsKey(target);
        }
    }

    internal void Add(BanTarget target, long until)
    {
        lock (_gate)
        {
            _bans[target] = (_clock.GetUtcNow().ToUnixTimeSeconds(), until);
            Save();
        }
    }

    internal bool Remove(BanTarget target)
    {
        lock (_gate)
        {
            bool was = _bans.Remove(target);
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
        BanTarget[] over = [.. _bans.Where(pair => pair.Value.Until <= now).Select(static pair => pair.Key)];
        foreach (BanTarget target in over)
        {
            _bans.Remove(target);
            _log.Write("net", $"Removed banned node address/subnet: {target}");
        }

        if (over.Length > 0)
        {
            Save();
        }
    }

    private bool TryLoad(string path)
    {
        try
        {
            JsonArray bans = JsonNode.Parse(File.ReadAllBytes(path))?["banned_nets"] as JsonArray
                ?? throw new FormatException("no banned_nets");
            foreach (JsonNode? ban in bans)
            {
                string text = ban?["address"]?.ToString() ?? "";
                if (BanTarget.TryParse(text, out BanTarget? target))
                {
                    _bans[target] =
                        (long.Parse(ban!["ban_created"]!.ToString(), CultureInfo.InvariantCulture), long.Parse(
                            ban["banned_until"]!.ToString(), CultureInfo.InvariantCulture));
                }
                else
                {
                    _log.Write($"Dropping entry with unparseable address or subnet ({text}) from ban list");
                }
            }

            return true;
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException
            or FormatException
            or NullReferenceException
            or InvalidOperationException
            or IOException)
        {
            _log.Warn($"Cannot parse banlist {path}: {exception.Message}");
            _bans.Clear();
            return false;
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
