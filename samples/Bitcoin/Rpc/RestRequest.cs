namespace Bitcoin.Rpc;

/// <summary>A request for public data.</summary>
/// <param name="Path">The path after "/rest" and before the question mark, not decoded.</param>
/// <param name="Query">The text after the question mark, not decoded.</param>
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
/// <param name="Status">The HTTP status.</param>
/// <param name="ContentType">The content type.</param>
/// <param name="Body">The body.</param>
/// <param name="MayBeCached">Whether the answer never changes.</param>
public sealed record RestReply(int Status, string ContentType, byte[] Body, bool MayBeCached = false);
