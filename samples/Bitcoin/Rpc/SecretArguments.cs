using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Bitcoin.Interfaces;
using Multiprocess;

namespace Bitcoin.Rpc;

/// <summary>
/// The arguments of a body that carry keys or passphrases. They are taken out of its text before anything parses it, so
/// that they are in no string and in no tree of JSON, which nobody can wipe. Dispose wipes them.
/// </summary>
public sealed class SecretArguments : IDisposable
{
    private const string Positional = "args";

    private readonly Dictionary<int, List<SecretArgument>> _byRequest = [];

    private SecretArguments()
    {
    }

    /// <summary>
    /// Takes the secret arguments out of a body, and leaves an empty value of the same type in the place of each.
    /// </summary>
    /// <param name="body">The body: JSON that was looked at already. It is changed.</param>
    /// <param name="find">Returns the method of a name; null if there is none.</param>
    public static SecretArguments TakeOut(Span<byte> body, Func<string, RpcCommand?> find)
    {
        ArgumentNullException.ThrowIfNull(find);
        List<(int Request, int Argument, int Start, int End, JsonTokenType Type)> found = [];
        Utf8JsonReader reader = new(body, new JsonReaderOptions { MaxDepth = JsonRpc.MaxDepth });
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            for (int request = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; request++)
            {
                LookAt(ref reader, request, find, found);
            }
        }
        else
        {
            LookAt(ref reader, 0, find, found);
        }

        SecretArguments taken = new();
        foreach ((int request, int argument, int start, int end, JsonTokenType type) in found)
        {
            Span<byte> value = body[start..end];
            taken.Add(request, argument, value);
            CryptographicOperations.ZeroMemory(value);
            value.Fill((byte)' ');
            Placeholder(type).CopyTo(value);
        }

        return taken;
    }

    /// <summary>Those of a request of the body, by its place in the batch; null for none.</summary>
    internal SecretArgument[]? Of(int request)
        => _byRequest.TryGetValue(request, out List<SecretArgument>? all) ? [.. all] : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SecretArgument argument in _byRequest.Values.SelectMany(static all => all))
        {
            argument.Json.Dispose();
        }

        _byRequest.Clear();
    }

    private static ReadOnlySpan<byte> Placeholder(JsonTokenType type) => type switch
    {
        JsonTokenType.StartArray => "[]"u8,
        JsonTokenType.StartObject => "{}"u8,
        JsonTokenType.Number => "0"u8,
        _ => "\"\""u8,
    };

    private static void LookAt(
        ref Utf8JsonReader reader,
        int request,
        Func<string, RpcCommand?> find,
        List<(int Request, int Argument, int Start, int End, JsonTokenType Type)> found)
    {
        RpcArgument[] arguments = reader.TokenType == JsonTokenType.StartObject && MethodOf(reader) is { } method
            ? find(method)?.Arguments ?? []
            : [];
        if (!Array.Exists(arguments, static argument => argument.IsSecret))
        {
            reader.Skip();
            return;
        }

        // A repeated "params" is taken out as well, though only the first one counts.
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            bool isParams = reader.ValueTextEquals("params"u8);
            reader.Read();
            if (isParams && reader.TokenType == JsonTokenType.StartArray)
            {
                LookAtArray(ref reader, request, arguments, found);
            }
            else if (isParams && reader.TokenType == JsonTokenType.StartObject)
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    int argument = IndexOf(ref reader, arguments);
                    bool isPositional = reader.ValueTextEquals(Positional);
                    reader.Read();
                    if (isPositional && reader.TokenType == JsonTokenType.StartArray)
                    {
                        LookAtArray(ref reader, request, arguments, found);
                    }
                    else
                    {
                        Take(ref reader, request, argument, arguments, found);
                    }
                }
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void LookAtArray(
        ref Utf8JsonReader reader,
        int request,
        RpcArgument[] arguments,
        List<(int Request, int Argument, int Start, int End, JsonTokenType Type)> found)
    {
        for (int i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            Take(ref reader, request, i, arguments, found);
        }
    }

    private static void Take(
        ref Utf8JsonReader reader,
        int request,
        int argument,
        RpcArgument[] arguments,
        List<(int Request, int Argument, int Start, int End, JsonTokenType Type)> found)
    {
        int start = (int)reader.TokenStartIndex;
        JsonTokenType type = reader.TokenType;
        reader.Skip();
        if (argument >= 0
            && argument < arguments.Length
            && arguments[argument].IsSecret
            && type is not (JsonTokenType.Null or JsonTokenType.True or JsonTokenType.False))
        {
            found.Add((request, argument, start, (int)reader.BytesConsumed, type));
        }
    }

    // By value: the caller's reader stays where it is.
    private static string? MethodOf(Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            bool isMethod = reader.ValueTextEquals("method"u8);
            reader.Read();
            if (isMethod)
            {
                return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            }

            reader.Skip();
        }

        return null;
    }

    private static int IndexOf(ref Utf8JsonReader reader, RpcArgument[] arguments)
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            foreach (string name in arguments[i].Name.Split('|'))
            {
                if (reader.ValueTextEquals(name))
                {
                    return i;
                }
            }
        }

        return -1;
    }

    private void Add(int request, int argument, ReadOnlySpan<byte> json)
    {
        if (!_byRequest.TryGetValue(request, out List<SecretArgument>? all))
        {
            _byRequest[request] = all = [];
        }

        // The first one counts, as where JSON has a name twice.
        if (!all.Exists(known => known.Index == argument))
        {
            char[] text = GC.AllocateUninitializedArray<char>(Encoding.UTF8.GetCharCount(json), pinned: true);
            Encoding.UTF8.GetChars(json, text);
            all.Add(new SecretArgument(argument, new SecretString(text)));
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(text.AsSpan()));
        }
    }
}
