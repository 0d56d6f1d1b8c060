using System.Text.Json;
using System.Text.Json.Nodes;
using Bitcoin.Interfaces;

namespace Bitcoin.Rpc;

/// <summary>JSON-RPC, versions 1.0 and 2.0, as Bitcoin Core speaks it: requests, batches, notifications.</summary>
public static class JsonRpc
{
    private const string Version2 = "2.0";

    /// <summary>Answers a body.</summary>
    /// <param name="table">The methods.</param>
    /// <param name="body">What came.</param>
    /// <param name="uri">The path: "/", or "/wallet/name".</param>
    /// <param name="user">Who asks.</param>
    /// <param name="status">The HTTP status of the answer.</param>
    /// <returns>The reply; null when none is due.</returns>
    public static JsonNode? Answer(RpcTable table, ReadOnlySpan<byte> body, string uri, string user, out int status)
    {
        JsonNode? request;
        try
        {
            LookAtText(body);
            request = JsonNode.Parse(body, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            status = 500;
            return Error(null, hasId: true, isVersion2: false, new RpcException(RpcErrorCode.ParseError, "Parse error"));
        }

        return Answer(table, request, uri, user, out status);
    }

    /// <summary>Answers a request, or an array of them.</summary>
    public static JsonNode? Answer(RpcTable table, JsonNode? request, string uri, string user, out int status)
    {
        switch (request)
        {
            case JsonObject:
                return AnswerOne(table, request, uri, user, out status);
            case JsonArray batch:
                JsonArray replies = [];
                foreach (JsonNode? one in batch)
                {
                    if (AnswerOne(table, one, uri, user, out _) is { } reply)
                    {
                        replies.Add(reply);
                    }
                }

                // An empty batch gets an empty answer, though the standard would have none: it does not say which version it is of.
                bool none = replies.Count == 0 && batch.Count > 0;
                status = none ? 204 : 200;
                return none ? null : replies;
            default:
                status = 500;
                return Error(null, hasId: true, isVersion2: false, new RpcException(RpcErrorCode.ParseError, "Top-level object parse error"));
        }
    }

    /// <summary>Half a surrogate pair is JSON to the parser, but no text.</summary>
    /// <exception cref="InvalidOperationException">There is some.</exception>
    private static void LookAtText(ReadOnlySpan<byte> body)
    {
        Utf8JsonReader reader = new(body);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                _ = reader.GetString();
            }
        }
    }

    private static JsonObject? AnswerOne(RpcTable table, JsonNode? one, string uri, string user, out int status)
    {
        JsonNode? id = null;
        bool isVersion2 = false;
        bool hasId = true;
        try
        {
            if (one is not JsonObject request)
            {
                throw new RpcException(RpcErrorCode.InvalidRequest, "Invalid Request object");
            }

            // First, so that errors from here on carry it.
            hasId = request.TryGetPropertyValue("id", out id);
            isVersion2 = IsVersion2(request);
            bool isNotification = isVersion2 && !hasId;
            (string method, JsonNode? parameters) = Read(request);
            if (isNotification)
            {
                RunAndForget(table, method, parameters, uri, user);
                status = 204;
                return null;
            }

            JsonNode? result = table.Execute(method, parameters, uri, user);
            status = 200;
            return Result(id, isVersion2, result);
        }
        catch (RpcException exception)
        {
            status = isVersion2 ? 200 : StatusOf(exception.Code);
            return Error(id, hasId, isVersion2, exception);
        }
    }

    private static bool IsVersion2(JsonObject request)
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

    private static (string Method, JsonNode? Parameters) Read(JsonObject request)
    {
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

    private static void RunAndForget(RpcTable table, string method, JsonNode? parameters, string uri, string user)
    {
        try
        {
            table.Execute(method, parameters, uri, user);
        }
        catch (RpcException)
        {
            // Nobody is told how a notification ended.
        }
    }

    private static int StatusOf(int code) => code switch
    {
        RpcErrorCode.InvalidRequest => 400,
        RpcErrorCode.MethodNotFound => 404,
        _ => 500,
    };

    private static JsonObject Result(JsonNode? id, bool isVersion2, JsonNode? result)
    {
        // A result may be part of something larger, and a node has one parent only.
        result = result?.Parent is null ? result : result.DeepClone();
        return isVersion2
            ? new JsonObject { ["jsonrpc"] = Version2, ["result"] = result, ["id"] = id?.DeepClone() }
            : new JsonObject { ["result"] = result, ["error"] = null, ["id"] = id?.DeepClone() };
    }

    private static JsonObject Error(JsonNode? id, bool hasId, bool isVersion2, RpcException exception)
    {
        JsonObject error = new() { ["code"] = exception.Code, ["message"] = exception.Message };
        JsonObject reply = isVersion2
            ? new JsonObject { ["jsonrpc"] = Version2, ["error"] = error }
            : new JsonObject { ["result"] = null, ["error"] = error };
        if (hasId || isVersion2)
        {
            reply["id"] = id?.DeepClone();
        }

        return reply;
    }
}
