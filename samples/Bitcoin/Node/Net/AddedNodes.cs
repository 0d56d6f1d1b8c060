using System.Net;
using Bitcoin.Hosting;

namespace Bitcoin.Node.Net;

/// <summary>The nodes to stay connected to, by the names that the user gave them. Thread-safe.</summary>
/// <param name="names">The nodes that options name.</param>
/// <param name="defaultPort">The port of a node without one in its name.</param>
/// <param name="encrypts">Whether to encrypt the connections to the nodes that options name.</param>
internal sealed class AddedNodes(IEnumerable<string> names, int defaultPort, bool encrypts)
{
    // Guarded by itself.
    private readonly List<string> _names = [.. names];

    // Those whose connections are not what the option says. Guarded by the list.
    private readonly HashSet<string> _others = [];

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

    /// <summary>Whether to encrypt the connection to a node.</summary>
    internal bool Encrypts(string name)
    {
        lock (_names)
        {
            return encrypts != _others.Contains(name);
        }
    }

    /// <summary>Adds a node. Returns false if it is there, also if its address has another notation.</summary>
    internal bool Add(string name, bool isEncrypted)
    {
        lock (_names)
        {
            if (_names.Exists(other => other == name || (Numeric(other) is { } end && end.Equals(Numeric(name)))))
            {
                return false;
            }

            _names.Add(name);
            if (isEncrypted != encrypts)
            {
                _others.Add(name);
            }

            return true;
        }
    }

    /// <summary>Removes a node. Returns false if it is not there.</summary>
    internal bool Remove(string name)
    {
        lock (_names)
        {
            _others.Remove(name);
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
