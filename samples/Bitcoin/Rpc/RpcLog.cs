using System.Text.Json.Nodes;
using Bitcoin.Hosting;

namespace Bitcoin.Rpc;

/// <summary>Logs each request, of every transport.</summary>
public static class RpcLog
{
    /// <summary>Writes a line for each request.</summary>
    /// <param name="log">The log.</param>
    /// <param name="request">A request, or an array of them.</param>
    /// <param name="user">Who asks.</param>
    /// <param name="peer">What is to stand behind the user.</param>
    public static void Write(DebugLog log, JsonNode? request, string user, string peer = "")
    {
        ArgumentNullException.ThrowIfNull(log);
        if (log.IsEnabled("rpc"))
        {
            foreach ((string method, string id) in JsonRpc.MethodsAndIds(request))
            {
                log.Write("rpc", $"ThreadRPCServer method={Safe(method)} user={user}{peer} id={Safe(id)}");
            }
        }
    }

    /// <summary>What a client sent must not look like a line of the log.</summary>
    private static string Safe(string text)
        => string.Concat(
            text.Where(
                static letter
                    => char.IsAsciiLetterOrDigit(letter)
                        || letter is ' ' or '.' or ',' or ';' or '-' or '_' or '/' or ':' or '?' or '@' or '(' or ')'));
}
