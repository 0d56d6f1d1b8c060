using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Bitcoin.Rpc;

/// <summary>Serves a table of methods over HTTP on loopback.</summary>
/// <remarks>
/// Kestrel implements HTTP; <see cref="BoundedListener"/> counts each connection before. Methods run on the threads of
/// <see cref="RpcWorkers"/>. Stopping refuses new requests and waits at most a few seconds for running ones.
/// </remarks>
public sealed class HttpRpcServer : IDisposable
{
    private const int MaxBodyBytes = 32 * 1024 * 1024;
    private const int MaxHeaderBytes = 8 * 1024;
    private const string RestPrefix = "/rest/";

    private static readonly TimeSpan s_stopPatience = TimeSpan.FromSeconds(5);

    private readonly RpcTable _table;
    private readonly HttpRpcOptions _options;
    private readonly IReadOnlyList<byte[]> _credentials;
    private readonly byte[] _cookie;
    private readonly IReadOnlyList<RpcAuth> _users;
    private readonly DebugLog _log;
    private readonly WebApplication _application;
    private readonly RpcWorkers _workers;
    private readonly Func<RestRequest, RestReply?>? _rest;
    private readonly Func<string, bool> _restWaits;
    private readonly PasswordDelay _delay = new(TimeProvider.System);
    private volatile bool _isStopping;

    private HttpRpcServer(RpcTable table, HttpRpcOptions options, DebugLog log)
    {
        _table = table;
        _options = options;
        _credentials = [.. options.Credentials.Select(Encoding.UTF8.GetBytes)];
        _cookie = Encoding.UTF8.GetBytes(options.Cookie ?? "");
        _users = options.Users;
        _log = log;
        _rest = options.Rest;
        _restWaits = options.RestWaits;
        _workers = new RpcWorkers(table, options.Threads, options.Waiters, options.QueueDepth, log);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, options));
        builder.Services.AddSingleton<IConnectionListenerFactory>(
            new BoundedListener.Factory(options.MaxConnections, options.Allowed, log));
        _application = builder.Build();
        _application.Run(async context =>
        {
            try
            {
                await Handle(context).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not (OperationCanceledException or IOException))
            {
                log.Warn($"a request could not be served: {exception}");
                throw;
            }
        });
    }

    /// <summary>Starts to serve.</summary>
    /// <exception cref="IOException">An address cannot be used.</exception>
    public static HttpRpcServer Start(RpcTable table, HttpRpcOptions options, DebugLog log)
    {
        HttpRpcServer server = new(table, options, log);
        try
        {
            server._application.StartAsync().GetAwaiter().GetResult();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Refuses requests from now on.</summary>
    public void Interrupt() => _isStopping = true;

    /// <inheritdoc/>
    public void Dispose()
    {
        Interrupt();
        using (CancellationTokenSource patience = new(s_stopPatience))
        {
            _application.StopAsync(patience.Token).GetAwaiter().GetResult();
        }

        _application.DisposeAsync().AsTask().Wait(s_stopPatience);
        _workers.Dispose();
    }

    private static void Configure(KestrelServerOptions kestrel, HttpRpcOptions options)
    {
        TimeSpan timeout = options.Timeout > TimeSpan.Zero
            ? options.Timeout
            : System.Threading.Timeout.InfiniteTimeSpan;
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        kestrel.Limits.MaxRequestLineSize = MaxHeaderBytes;

        // Their total size is bounded, and each has at least four bytes.
        kestrel.Limits.MaxRequestHeaderCount = MaxHeaderBytes / 4;
        kestrel.Limits.RequestHeadersTimeout = timeout;
        kestrel.Limits.KeepAliveTimeout = timeout;
        foreach (IPEndPoint endPoint in options.EndPoints)
        {
            kestrel.Listen(endPoint, static listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(WipedTransport.Use);
                listen.Use(VersionOutput.Use);
                listen.Use(HostlessInput.Use(MaxHeaderBytes));
            });
        }
    }

    private async Task Handle(HttpContext context)
    {
        if (_isStopping)
        {
            await Refuse(
                context,
                StatusCodes.Status503ServiceUnavailable,
                "Request rejected during server shutdown").ConfigureAwait(false);
            return;
        }

        HttpRequest http = context.Request;
        if (!HttpMethods.IsGet(http.Method)
            && !HttpMethods.IsPost(http.Method)
            && !HttpMethods.IsHead(http.Method)
            && !HttpMethods.IsPut(http.Method))
        {
            await Refuse(context, StatusCodes.Status405MethodNotAllowed).ConfigureAwait(false);
            return;
        }

        if (_rest is not null
            && context.Features.Get<IHttpRequestFeature>()?.RawTarget is { } target
            && target.StartsWith(RestPrefix, StringComparison.Ordinal))
        {
            await AnswerRest(context, target[(RestPrefix.Length - 1)..]).ConfigureAwait(false);
            return;
        }

        string path = http.Path.ToUriComponent();
        if (http.QueryString.HasValue && path == "/"
            || (path != "/" && !path.StartsWith("/wallet/", StringComparison.Ordinal)))
        {
            await Refuse(context, StatusCodes.Status404NotFound).ConfigureAwait(false);
            return;
        }

        if (!HttpMethods.IsPost(http.Method))
        {
            await Reply(
                context,
                StatusCodes.Status405MethodNotAllowed,
                "JSONRPC server handles only POST requests").ConfigureAwait(false);
            return;
        }

        if (await Authorize(context).ConfigureAwait(false) is not { } user)
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"jsonrpc\"";
            await Reply(context, StatusCodes.Status401Unauthorized).ConfigureAwait(false);
            return;
        }

        using SecretBuffer body = new();
        try
        {
            await Read(http, body, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException exception)
            when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            context.Features.Get<IHttpResponseFeature>()!.ReasonPhrase = "Content too large";
            await Reply(context, StatusCodes.Status413PayloadTooLarge).ConfigureAwait(false);
            return;
        }

        await Answer(context, body, path, user).ConfigureAwait(false);
    }

    private static async Task Read(HttpRequest http, SecretBuffer body, CancellationToken aborted)
    {
        while (true)
        {
            ReadResult read = await http.BodyReader.ReadAsync(aborted).ConfigureAwait(false);
            foreach (ReadOnlyMemory<byte> part in read.Buffer)
            {
                body.Write(part.Span);
            }

            http.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }

            if (read.IsCanceled)
            {
                throw new OperationCanceledException("The request was aborted while its body was read.");
            }
        }
    }

    private async Task Answer(HttpContext context, SecretBuffer body, string path, string user)
    {
        int status;
        RpcReply? reply;
        string peer = _options.LogsAddresses
            ? $" peeraddr={context.Connection.RemoteIpAddress}:{context.Connection.RemotePort}"
            : "";
        if (JsonRpc.TryParse(body.Span, _table.Find, out JsonNode? request, out SecretArguments? taken) is { } wrong)
        {
            string refusal = JsonRpc.Refuse(wrong, out status);
            context.Response.ContentType = "application/json";
            await Reply(context, status, refusal + "\n").ConfigureAwait(false);
            return;
        }

        using SecretArguments secrets = taken!;
        if (_options.Whitelist.FirstForbidden(user, JsonRpc.Methods(request)) is { } forbidden)
        {
            _log.Warn(
                forbidden.Length == 0
                    ? $"RPC User {user} not allowed to call any methods"
                    : $"RPC User {user} not allowed to call method {forbidden}");
            await Reply(context, StatusCodes.Status403Forbidden).ConfigureAwait(false);
            return;
        }

        if (_workers.TryRun(
            Told(request, user, peer),
            secrets,
            path,
            user,
            JsonRpc.Methods(request).Any(_table.Waits)) is not { } running)
        {
            _log.Warn(
                "Request rejected because http work queue depth exceeded, it can be increased with the -rpcworkqueue= "
                    + "setting");
            await Refuse(
                context, StatusCodes.Status503ServiceUnavailable, "Work queue depth exceeded").ConfigureAwait(false);
            return;
        }

        (status, reply) = await running.ConfigureAwait(false);
        using (reply)
        {
            if (reply is null)
            {
                await Reply(context, status).ConfigureAwait(false);
                return;
            }

            context.Response.ContentType = "application/json";
            await Reply(context, status, reply.Append("\n").Bytes).ConfigureAwait(false);
        }
    }

    private JsonNode? Told(JsonNode? request, string user, string peer)
    {
        RpcLog.Write(_log, request, user, peer);
        return request;
    }

    /// <summary>Answers a request for public data. The target is used as it came, not decoded.</summary>
    private async Task AnswerRest(HttpContext context, string target)
    {
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
        int query = target.IndexOf('?', StringComparison.Ordinal);
        RestRequest request = new(
            query < 0 ? target : target[..query], query < 0 ? "" : target[(query + 1)..], body.ToArray());
        RestReply? reply = null;
        Task<(int Status, RpcReply? Reply)>? running = _workers.TryRun(() =>
        {
            reply = _rest!(request);
            return (0, null);
        }, _restWaits(request.Path));
        if (running is null)
        {
            await Refuse(
                context, StatusCodes.Status503ServiceUnavailable, "Work queue depth exceeded").ConfigureAwait(false);
            return;
        }

        (int failure, _) = await running.ConfigureAwait(false);
        if (reply is null)
        {
            await Refuse(context, failure == 0 ? StatusCodes.Status404NotFound : failure).ConfigureAwait(false);
            return;
        }

        context.Response.Headers.CacheControl = reply.MayBeCached ? "public, immutable, max-age=86400" : "no-store";
        context.Response.ContentType = reply.ContentType;
        context.Response.StatusCode = reply.Status;
        context.Response.ContentLength = reply.Body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(reply.Body, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static Task Refuse(HttpContext context, int status, string? body = null)
    {
        context.Response.Headers.CacheControl = "no-store";
        return Reply(context, status, body);
    }

    private static Task Reply(HttpContext context, int status, string? body = null)
        => Reply(context, status, Encoding.UTF8.GetBytes(body ?? "").AsMemory());

    private static async Task Reply(HttpContext context, int status, ReadOnlyMemory<byte> bytes)
    {
        context.Response.StatusCode = status;
        if (status != StatusCodes.Status204NoContent)
        {
            context.Response.ContentLength = bytes.Length;
        }

        if (bytes.Length > 0 && !HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        }
    }

    /// <summary>The user, if the password is right. Waits first if the address has sent wrong ones.</summary>
    private async Task<string?> Authorize(HttpContext context)
    {
        const string Scheme = "Basic ";
        string? header = context.Request.Headers.Authorization;
        if (header is null)
        {
            return null;
        }

        int length = 0;
        byte[] bytes = new byte[header.Length];
        bool isRead = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && Convert.TryFromBase64String(header[Scheme.Length..].Trim(), bytes, out length);
        byte[] given = isRead ? bytes[..length] : [];
        IPAddress address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        bool isRight = _cookie.Length > 0 && CryptographicOperations.FixedTimeEquals(_cookie, given);
        if (!isRight && !await _delay.Try(address, Looks, context.RequestAborted).ConfigureAwait(false))
        {
            return null;
        }

        int colon = given.AsSpan().IndexOf((byte)':');
        return Encoding.UTF8.GetString(colon < 0 ? given : given[..colon]);

        bool Looks()
        {
            bool matches = Matches(given);
            if (!matches)
            {
                _log.Warn($"ThreadRPCServer incorrect password attempt from {address}:{context.Connection.RemotePort}");
            }

            return matches;
        }
    }

    private bool Matches(byte[] given)
    {
        bool isRight = false;
        foreach (byte[] credentials in _credentials)
        {
            isRight |= CryptographicOperations.FixedTimeEquals(credentials, given);
        }

        foreach (RpcAuth user in _users)
        {
            isRight |= user.Matches(given);
        }

        return isRight;
    }
}
