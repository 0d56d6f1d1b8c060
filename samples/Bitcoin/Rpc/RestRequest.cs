namespace Bitcoin.Rpc;

/// <summary>A request for public data.</summary>
/// <param name="Path">What stands behind "/rest", undecoded, up to a question mark.</param>
/// <param name="Query">What stands behind the question mark, undecoded.</param>
/// <param name="Body">The body; empty for none.</param>
public sealed record RestRequest(string Path, string Query, ReadOnlyMemory<byte> Body)
{
    /// <summary>A parameter of the query; null for none.</summary>
    public string? Parameter(string name)
    {
        foreach (string part in Query.Split('&'))
        {
            int at = part.IndexOf('=', StringComparison.Ordinal);
            if (at >= 0 && Uri.UnescapeDataString(part[..at]) == name)
            {
                return Uri.UnescapeDataString(part[(at + 1)..].Replace('+', ' '));
            }
        }

        return null;
    }
}

/// <summary>The answer to such a request.</summary>
/// <param name="Status">The status of HTTP.</param>
/// <param name="ContentType">The kind of the body.</param>
/// <param name="Body">The body.</param>
/// <param name="MayBeCached">Whether it is the same for ever.</param>
public sealed record RestReply(int Status, string ContentType, byte[] Body, bool MayBeCached = false);
