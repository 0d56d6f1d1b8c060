using System.Text.Json;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>Private keys that a call brings. Dispose wipes them.</summary>
internal sealed class PrivateKeys : IDisposable
{
    private readonly List<Key> _keys = [];

    private PrivateKeys()
    {
    }

    internal IReadOnlyList<Key> All => _keys;

    /// <summary>Reads the keys of an argument, a text or a list of texts.</summary>
    /// <exception cref="RpcException">One of them is none.</exception>
    internal static PrivateKeys From(RpcCall call, int index, NetworkParameters network)
    {
        using SecretBuffer json = new();
        if (Array.Find(call.Secrets ?? [], secret => secret.Index == index) is { } apart)
        {
            json.Write(apart.Json.Reveal());
        }
        else
        {
            json.Write(JsonText.Compact(call.Params[index]));
        }

        PrivateKeys keys = new();
        try
        {
            Utf8JsonReader reader = new(json.Written.Span);
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    keys.Add(ref reader, network);
                }
            }
            else
            {
                keys.Add(ref reader, network);
            }

            return keys;
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Key key in _keys)
        {
            key.Dispose();
        }
    }

    private void Add(ref Utf8JsonReader reader, NetworkParameters network)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw Inputs.Error(
                RpcErrorCode.Type, $"JSON value of type {NameOf(reader.TokenType)} is not of expected type string");
        }

        using SecretBuffer text = new();
        text.Advance(reader.CopyString(text.GetSpan(Math.Max(1, reader.ValueSpan.Length))));
        _keys.Add(PrivateKeyText.TryRead(text.Written.Span, network, out Key? key)
            ? key
            : throw Inputs.Error(RpcErrorCode.InvalidAddressOrKey, "Invalid private key"));
    }

    private static string NameOf(JsonTokenType type) => type switch
    {
        JsonTokenType.StartArray => "array",
        JsonTokenType.StartObject => "object",
        JsonTokenType.Number => "number",
        JsonTokenType.Null => "null",
        _ => "bool",
    };
}
