using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Bitcoin.Interfaces;
using Multiprocess;

namespace Bitcoin.Rpc;

/// <summary>JSON-RPC 1.0 and 2.0 in Bitcoin Core's way: requests, batches, notifications.</summary>
/// <remarks>
/// The whole body is checked before any request of it runs. Each request that ran gets a reply: if its result cannot be
/// written, or the replies are too long already, it gets an error.
/// </remarks>
public static class JsonRpc
{
    /// <summary>The most requests in one batch.</summary>
    public const int MaxBatch = 10_000;

    /// <summary>
    /// The length of a batch's replies after which the rest of the batch is not run, in UTF-16 characters.
    /// </summary>
    private const int MaxReplyLength = 32 * 1024 * 1024;

    internal const int MaxDepth = 512;
    private const string Version2 = "2.0";

    /// <summary>Parses a body.</summary>
    /// <param name="body">The body. Its secret arguments are taken out of it.</param>
    /// <param name="find">Returns the method of a name; null if there is none.</param>
    /// <param name="request">What it says, with empty values for the secret arguments.</param>
    /// <param name="secrets">The secret arguments; null for an error.</param>
    /// <returns>The error; null for success.</returns>
    public static RpcException? TryParse(
        Span<byte> body, Func<string, RpcCommand?> find, out JsonNode? request, out SecretArguments? secrets)
    {
        request = null;
        secrets = null;
        try
        {
            // The parser would replace invalid bytes in a string by U+FFFD.
            if (!Utf8.IsValid(body))
            {
                return ParseError();
            }

            int count = LookAtText(body);
            if (count > MaxBatch)
            {
                return new RpcException(
                    RpcErrorCode.InvalidRequest,
                    $"Batch of {count} requests is too large. Expected at most {MaxBatch}.");
            }

            secrets = SecretArguments.TakeOut(body, find);
            request = JsonReading.Parse(body, MaxDepth);
            return null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            secrets?.Dispose();
            secrets = null;
            return ParseError();
        }
    }

    /// <summary>The text of the answer to a body that <see cref="TryParse"/> refused.</summary>
    public static string Refuse(RpcException error, out int status)
    {
        status = StatusOf(error.Code);
        return Write(Error(new State(), error));
    }

    /// <summary>Answers a request, or an array of requests, with text.</summary>
    /// <param name="table">The methods.</param>
    /// <param name="request">The request.</param>
    /// <param name="secrets">The arguments of the request that were taken out of it.</param>
    /// <param name="uri">The path: "/", or "/wallet/name".</param>
    /// <param name="user">The user who asks.</param>
    /// <param name="status">The HTTP status of the answer.</param>
    /// <returns>The reply; null if none must be sent.</returns>
    public static RpcReply? AnswerText(
        RpcTable table, JsonNode? request, SecretArguments secrets, string uri, string user, out int status)
    {
        if (request is not JsonArray batch)
        {
            Reply? reply = AnswerSingle(table, request, secrets, uri, user, out status);
            return reply is null ? null : reply.Secret is null ? new RpcReply(Write(reply.Object)) : Write([reply]);
        }

        int length = 0;
        List<(string Text, Reply Reply)> replies = [];
        foreach (Reply reply in AnswerBatch(table, batch, secrets, uri, user, () => length > MaxReplyLength))
        {
            string text = Write(reply.Object);
            length += text.Length + 1 + (reply.Secret?.Length ?? 0);
            replies.Add((text, reply));
        }

        bool none = replies.Count == 0 && batch.Count > 0;
        status = none ? 204 : 200;
        return none ? null
            : replies.Exists(static one => one.Reply.Secret is not null)
            ? Write([.. replies.Select(static one => one.Reply)], isBatch: true)
            : new RpcReply($"[{string.Join(',', replies.Select(static one => one.Text))}]");
    }

    /// <summary>Answers a request, or an array of requests.</summary>
    public static JsonNode? Answer(RpcTable table, JsonNode? request, string uri, string user, out int status)
    {
        if (request is not JsonArray batch)
        {
            return AnswerSingle(table, request, null, uri, user, out status)?.Object;
        }

        if (batch.Count > MaxBatch)
        {
            RpcException tooMany = new(
                RpcErrorCode.InvalidRequest,
                $"Batch of {batch.Count} requests is too large. Expected at most {MaxBatch}.");
            status = StatusOf(tooMany.Code);
            return Error(new State(), tooMany);
        }

        JsonArray replies =
            [
                .. AnswerBatch(table, batch, null, uri, user, static () => false)
                    .Select(static reply => (JsonNode)reply.Object),
            ];
        bool none = replies.Count == 0 && batch.Count > 0;
        status = none ? 204 : 200;
        return none ? null : replies;
    }

    /// <summary>The methods that a request or a batch calls.</summary>
    public static IEnumerable<string> Methods(JsonNode? request)
        => MethodsAndIds(request).Select(static one => one.Method);

    /// <summary>The methods that a request or a batch calls, each with the id of its answer.</summary>
    public static IEnumerable<(string Method, string Id)> MethodsAndIds(JsonNode? request)
    {
        // Not "? … : [request]": that expression would be a JsonArray, which takes ownership of the request.
        IEnumerable<JsonNode?> one = [request];
        IEnumerable<JsonNode?> all = request is JsonArray batch ? batch : one;
        return all.OfType<JsonObject>()
            .Where(static each => each["method"] is JsonValue method && method.GetValueKind() == JsonValueKind.String)
            .Select(static each => (each["method"]!.GetValue<string>(), each["id"]?.ToString() ?? ""));
    }

    private static Reply? AnswerSingle(
        RpcTable table, JsonNode? request, SecretArguments? secrets, string uri, string user, out int status)
    {
        State state = new();
        if (request is not JsonObject)
        {
            status = 500;
            return new Reply(
                Error(state, new RpcException(RpcErrorCode.ParseError, "Top-level object parse error")));
        }

        try
        {
            (string method, JsonNode? parameters) = state.Read(request);
            status = state.IsNotification ? 204 : 200;
            Reply? reply = Run(table, state, method, parameters, secrets, 0, uri, user, out RpcException? failure);
            if (failure is not null && !state.IsVersion2)
            {
                status = StatusOf(failure.Code);
            }

            return reply;
        }
        catch (RpcException exception)
        {
            // It is not a request, so not a notification either, in both versions.
            status = StatusOf(exception.Code);
            return new Reply(Error(state, exception));
        }
    }

    /// <summary>
    /// The replies to a batch. Bitcoin Core parses all elements into one record. So an element that is not an object is
    /// answered with the id and version of the element before it, and not at all after a notification. An empty batch
    /// gets an empty array: the standard asks for an error, but the batch does not say which version it has.
    /// </summary>
    private static IEnumerable<Reply> AnswerBatch(
        RpcTable table, JsonArray batch, SecretArguments? secrets, string uri, string user, Func<bool> isFull)
    {
        State state = new();
        for (int i = 0; i < batch.Count; i++)
        {
            Reply? reply;
            try
            {
                (string method, JsonNode? parameters) = state.Read(batch[i]);
                if (isFull())
                {
                    throw new RpcException(
                        RpcErrorCode.InternalError, "Not run: the reply to this batch is too long already.");
                }

                reply = Run(table, state, method, parameters, secrets, i, uri, user, out _);
            }
            catch (RpcException exception)
            {
                reply = state.IsNotification ? null : new Reply(Error(state, exception));
            }

            if (reply is not null)
            {
                yield return reply;
            }
        }
    }

    private static Reply? Run(
        RpcTable table,
        State state,
        string method,
        JsonNode? parameters,
        SecretArguments? secrets,
        int request,
        string uri,
        string user,
        out RpcException? failure)
    {
        failure = null;
        try
        {
            RpcResult result = table.Execute(
                method, parameters, secrets?.Of(request), uri, user, wipes: secrets is not null);
            if (state.IsNotification)
            {
                result.Secret?.Dispose();
                return null;
            }

            return new Reply(Result(state, result.Node), result.Secret);
        }
        catch (RpcException exception)
        {
            failure = exception;
            return state.IsNotification ? null : new Reply(Error(state, exception));
        }
    }

    /// <summary>
    /// Checks each string, because the parser accepts half a surrogate pair, which is not valid text. Also counts the
    /// elements of a batch before any of them is created.
    /// </summary>
    /// <exception cref="InvalidOperationException">A string is not valid text.</exception>
    private static int LookAtText(ReadOnlySpan<byte> body)
    {
        Utf8JsonReader reader = new(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        int count = 0;
        bool isBatch = false;
        while (reader.Read())
        {
            isBatch |= reader is { CurrentDepth: 0, TokenType: JsonTokenType.StartArray };
            bool isStart = isBatch
                && reader.CurrentDepth == 1
                && reader.TokenType is not (JsonTokenType.EndObject
                    or JsonTokenType.EndArray
                    or JsonTokenType.PropertyName);
            count += isStart ? 1 : 0;
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                CheckEscapes(ref reader);
            }
        }

        return count;
    }

    // Not into a string: it may be a passphrase.
    private static void CheckEscapes(ref Utf8JsonReader reader)
    {
        char[] text = GC.AllocateUninitializedArray<char>(reader.ValueSpan.Length, pinned: true);
        try
        {
            reader.CopyString(text);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(text.AsSpan()));
        }
    }

    /// <summary>Writes replies, some of which have a secret result, and disposes the results.</summary>
    private static RpcReply Write(IReadOnlyList<Reply> replies, bool isBatch = false)
    {
        // The first one in a reply is the member: only the version stands before it.
        const string Empty = "\"result\":null";
        SecretBuffer buffer = new();
        buffer.Write(isBatch ? "[" : "");
        for (int i = 0; i < replies.Count; i++)
        {
            buffer.Write(i > 0 ? "," : "");
            string text = Write(replies[i].Object);
            if (replies[i].Secret is { } secret)
            {
                int at = text.IndexOf(Empty, StringComparison.Ordinal);
                buffer.Write(text.AsSpan(0, at));
                buffer.Write("\"result\":");
                buffer.Write(secret.Reveal());
                buffer.Write(text.AsSpan(at + Empty.Length));
                secret.Dispose();
            }
            else
            {
                buffer.Write(text);
            }
        }

        buffer.Write(isBatch ? "]" : "");
        return new RpcReply(buffer);
    }

    private static string Write(JsonObject reply)
    {
        try
        {
            return JsonText.Compact(reply);
        }
        catch (Exception exception) when (exception is ArgumentException
            or InvalidOperationException
            or NotSupportedException
            or JsonException)
        {
            // A result has a number that JSON cannot express, or half a surrogate pair.
            State state = new()
            {
                Id = reply["id"]?.DeepClone(),
                HasId = reply.ContainsKey("id"),
                IsVersion2 = reply.ContainsKey("jsonrpc"),
            };
            return JsonText.Compact(
                Error(
                    state,
                    new RpcException(
                        RpcErrorCode.InternalError, $"The result cannot be written: {exception.Message}")));
        }
    }

    private static RpcException ParseError() => new(RpcErrorCode.ParseError, "Parse error");

    private static int StatusOf(int code) => code switch
    {
        RpcErrorCode.InvalidRequest => 400,
        RpcErrorCode.MethodNotFound => 404,
        _ => 500,
    };

    private static JsonObject Result(State state, JsonNode? result)
    {
        // A result may be part of a larger object, and a node can have only one parent.
        result = result?.Parent is null ? result : result.DeepClone();
        JsonObject reply = state.IsVersion2
            ? new JsonObject { ["jsonrpc"] = Version2, ["result"] = result }
            : new JsonObject { ["result"] = result, ["error"] = null };
        return WithId(state, reply);
    }

    private static JsonObject Error(State state, RpcException exception)
    {
        JsonObject error = new() { ["code"] = exception.Code, ["message"] = exception.Message };
        JsonObject reply = state.IsVersion2
            ? new JsonObject { ["jsonrpc"] = Version2, ["error"] = error }
            : new JsonObject { ["result"] = null, ["error"] = error };
        return WithId(state, reply);
    }

    private static JsonObject WithId(State state, JsonObject reply)
    {
        if (state.HasId)
        {
            reply["id"] = state.Id?.DeepClone();
        }

        return reply;
    }

    /// <summary>A reply. The object of one with a secret result has null in its place.</summary>
    private sealed record Reply(JsonObject Object, SecretString? Secret = null);

    /// <summary>
    /// The state of a request while it is parsed. Before its id is read, the id is null, which differs from no id.
    /// </summary>
    private sealed class State
    {
        internal JsonNode? Id { get; set; }

        internal bool HasId { get; set; } = true;

        internal bool IsVersion2 { get; set; }

        internal bool IsNotification => IsVersion2 && !HasId;

        internal (string Method, JsonNode? Parameters) Read(JsonNode? one)
        {
            if (one is not JsonObject request)
            {
                throw new RpcException(RpcErrorCode.InvalidRequest, "Invalid Request object");
            }

            // First, so that later errors carry the id.
            HasId = request.TryGetPropertyValue("id", out JsonNode? id);
            Id = id;
            IsVersion2 = false;
            IsVersion2 = ReadVersion(request);
            JsonNode? method = request["method"];
            if (method is null)
            {
                throw new RpcException(RpcErrorCode.InvalidRequest, "Missing method");
            }

            if (method.GetValueKind() != JsonValueKind.String)
            {
                throw new RpcException(RpcErrorCode.InvalidRequest, "Method must be a string");
            }

            JsonNode? parameters = request["params"];
            return parameters is null or JsonArray or JsonObject
                ? (method.GetValue<string>(), parameters)
                : throw new RpcException(RpcErrorCode.InvalidRequest, "Params must be an array or object");
        }

        private static bool ReadVersion(JsonObject request)
        {
            if (!request.TryGetPropertyValue("jsonrpc", out JsonNode? version) || version is null)
            {
                return false;
            }

            string text = version.GetValueKind() == JsonValueKind.String
                ? version.GetValue<string>()
                : throw new RpcException(RpcErrorCode.InvalidRequest, "jsonrpc field must be a string");
            return text switch
            {
                "1.0" => false,
                Version2 => true,
                _ => throw new RpcException(RpcErrorCode.InvalidRequest, "JSON-RPC version not supported"),
            };
        }
    }
}
