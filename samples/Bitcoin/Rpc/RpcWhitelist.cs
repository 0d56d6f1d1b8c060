namespace Bitcoin.Rpc;

/// <summary>The methods that each user may call: the values of -rpcwhitelist.</summary>
public sealed class RpcWhitelist
{
    private readonly Dictionary<string, HashSet<string>> _methods = [];
    private readonly bool _isClosed;

    private RpcWhitelist(bool isClosed) => _isClosed = isClosed;

    /// <summary>All users may call all methods.</summary>
    public static RpcWhitelist Everything { get; } = new(isClosed: false);

    /// <summary>
    /// Parses values "user:method,method". If a user has several lists, a method must be in all of them.
    /// </summary>
    /// <param name="values">The values.</param>
    /// <param name="isClosed">
    /// Whether users without a list may call nothing; null: true if any user has a list.
    /// </param>
    public static RpcWhitelist From(IReadOnlyList<string> values, bool? isClosed)
    {
        RpcWhitelist list = new(isClosed ?? values.Count > 0);
        foreach (string value in values)
        {
            int colon = value.IndexOf(':', StringComparison.Ordinal);
            string user = colon < 0 ? value : value[..colon];
            bool isKnown = list._methods.TryGetValue(user, out HashSet<string>? known);
            if (!isKnown)
            {
                list._methods.Add(user, known = []);
            }

            if (colon < 0)
            {
                continue;
            }

            string[] named = value[(colon + 1)..].Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);
            if (isKnown)
            {
                known!.IntersectWith(named);
            }
            else
            {
                known!.UnionWith(named);
            }
        }

        return list;
    }

    /// <summary>
    /// The first of the given methods that a user must not call; empty if the user must not call any method; null if
    /// all are allowed.
    /// </summary>
    public string? FirstForbidden(string user, IEnumerable<string> methods)
    {
        return _methods.TryGetValue(user, out HashSet<string>? allowed)
            ? methods.FirstOrDefault(method => !allowed.Contains(method))
            : _isClosed
            ? ""
            : null;
    }
}
