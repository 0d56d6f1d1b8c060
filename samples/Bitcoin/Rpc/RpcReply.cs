using System.Text;

namespace Bitcoin.Rpc;

/// <summary>The text of an answer, in memory that is wiped if the answer contains keys.</summary>
public sealed class RpcReply : IDisposable
{
    private readonly SecretBuffer? _secret;
    private readonly string _text;

    /// <summary>An answer without keys.</summary>
    public RpcReply(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _text = text;
    }

    /// <summary>An answer with keys. The buffer is disposed with it.</summary>
    internal RpcReply(SecretBuffer secret)
    {
        _secret = secret;
        _text = "";
    }

    /// <summary>The bytes of the answer.</summary>
    internal ReadOnlyMemory<byte> Bytes => _secret?.Written ?? Encoding.UTF8.GetBytes(_text);

    /// <summary>Adds text to the end.</summary>
    internal RpcReply Append(string text)
    {
        if (_secret is null)
        {
            return new RpcReply(_text + text);
        }

        _secret.Write(text);
        return this;
    }

    /// <inheritdoc/>
    public void Dispose() => _secret?.Dispose();
}
