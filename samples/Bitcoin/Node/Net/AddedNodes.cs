using System.Net;
using Bitcoin.Hosting;

namespace Bitcoin.Node.Net;

/// <summary>The nodes to stay connected to, by the names that the user gave them. Thread-safe.</summary>
internal sealed class AddedNodes(IEnumerable<string> names, int defaultPort)
{
    // Guarded by itself.
    private readonly List<string> _names = [.. names];

    internal IReadOnlyList<string> All
    {
        get
        {
            lock (_names)
            {
                return [.. _names];
            }
        }
    }

    /// <summary>Adds a node. Returns false if it is there, also if its address has another notation.</summary>
    internal bool Add(string name)
    {
        lock (_names)
        {
            if (_names.Exists(other => other == name || (Numeric(other) is { } end && end.Equals(Numeric(name)))))
            {
                return false;
            }

            _names.Add(name);
            return true;
        }
    }

    /// <summary>Removes a node. Returns false if it is not there.</summary>
    internal bool Remove(string name)
    {
        lock (_names)
        {
            return _names.Remove(name);
        }
    }

    /// <summary>The address that a text means, in any notation; null for a name.</summary>
    private IPEndPoint? Numeric(string name)
    {
        return HostPort.TrySplit(name, out string host, out int? port)
            && IPAddress.TryParse(host, out IPAddress? address)
            ? new IPEndPoint(address, port ?? defaultPort)
            : null;
    }
}
