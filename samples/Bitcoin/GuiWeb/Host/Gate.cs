using System.Globalization;
using System.Net;
using Bitcoin.Primitives;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Bitcoin.GuiWeb.Host;

/// <summary>Checks every request to the page server: only this user's browser is let in. Thread-safe.</summary>
/// <remarks>
/// A request must come from this machine. It must name this server by its IP address, so that no host name of an
/// attacker leads here. If the browser sends an origin, it must be a page of this server. And it must have the cookie,
/// which only the printed address gives. A WebSocket must send an origin, because browsers open WebSockets for any
/// page.
/// </remarks>
internal sealed class Gate(EntryTokens tokens, ILogger log)
{
    /// <summary>The path where the token is used.</summary>
    internal const string EntryPath = "/enter";

    private const string NotLetIn =
        "Open the page with the address that the program has printed. Each address is good for one time; the program "
            + "prints a new one when it was used.";

    // Set once, before the port is known to anybody.
    private volatile string? _host;
    private string _cookieName = "";
    private string _policy = "";

    /// <summary>Called after a token was used, on the thread of the request.</summary>
    internal event Action? Entered;

    /// <summary>The origin of the page.</summary>
    internal string Origin => $"http://{_host}";

    /// <summary>Sets the port of the server. Every request before is refused.</summary>
    internal void Open(int port)
    {
        string number = port.ToString(CultureInfo.InvariantCulture);

        // Cookies are shared by all ports, so each program uses its own cookie name.
        _cookieName = $"{Currency.Names.Program("gui")}-{number}";
        string host = $"{IPAddress.Loopback}:{number}";
        _policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            + $"font-src 'self'; connect-src 'self' ws://{host}; form-action 'self'; base-uri 'self'; "
            + "frame-ancestors 'none'";
        _host = host;
    }

    /// <summary>Refuses a request, or passes it on.</summary>
    internal async Task Handle(HttpContext context, RequestDelegate next)
    {
        HttpRequest request = context.Request;
        Protect(context.Response.Headers);
        if (_host is null || context.Connection.RemoteIpAddress is not { } from || !IPAddress.IsLoopback(from))
        {
            await Refuse(context, StatusCodes.Status403Forbidden, "This page is for this machine only.");
        }
        else if (!string.Equals(request.Host.Value, _host, StringComparison.Ordinal))
        {
            await Refuse(
                context,
                StatusCodes.Status421MisdirectedRequest,
                $"This page has one address. Expected the host {_host}, got another.");
        }
        else if (IsFromElsewhere(context))
        {
            await Refuse(context, StatusCodes.Status403Forbidden, "The request comes from a page of somebody else.");
        }
        else if (request.Path == EntryPath && HttpMethods.IsGet(request.Method))
        {
            await Enter(context);
        }
        else if (!tokens.IsCookie(request.Cookies[_cookieName]))
        {
            await Refuse(context, StatusCodes.Status403Forbidden, NotLetIn);
        }
        else
        {
            await next(context);
        }
    }

    private static void Protect(IHeaderDictionary headers)
    {
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        headers.CacheControl = "no-store";
    }

    private bool IsFromElsewhere(HttpContext context)
    {
        HttpRequest request = context.Request;
        string? origin = request.Headers.Origin.Count == 0 ? null : request.Headers.Origin.ToString();
        if (origin is not null && !string.Equals(origin, Origin, StringComparison.Ordinal))
        {
            return true;
        }

        // A link of another site may lead to the entrance, which checks the token. Other sites may request nothing
        // else, not even a picture.
        bool isEntrance = request.Path == EntryPath;
        string site = request.Headers["Sec-Fetch-Site"].ToString();
        if (!isEntrance && site is not ("" or "same-origin" or "none"))
        {
            return true;
        }

        bool isSocket = context.WebSockets.IsWebSocketRequest || request.Headers.Upgrade.Count > 0
            || HttpMethods.IsConnect(request.Method);
        bool changes = !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method);
        return origin is null && (isSocket || changes);
    }

    private async Task Enter(HttpContext context)
    {
        if (!tokens.Spend(context.Request.Query["token"]))
        {
            // A browser that reloads the address, or goes back to it, already has the cookie.
            if (!tokens.IsCookie(context.Request.Cookies[_cookieName]))
            {
                await Refuse(context, StatusCodes.Status403Forbidden, NotLetIn);
                return;
            }
        }
        else
        {
            Entered?.Invoke();
        }

        context.Response.Cookies.Append(
            _cookieName,
            tokens.Cookie,
            new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/", IsEssential = true });
        context.Response.Headers.ContentSecurityPolicy = _policy;
        context.Response.ContentType = "text/html; charset=utf-8";

        // Not a redirect: after a link of another site, the browser would follow it without the cookie.
        await context.Response.WriteAsync(
            $"<!DOCTYPE html><html lang=\"en\"><head><title>{Currency.Names.Prefix}</title>"
                + "<link rel=\"icon\" type=\"image/svg+xml\" href=\"/assets/icon.svg\">"
                + $"<meta http-equiv=\"refresh\" content=\"0;url=/\"></head><body><a href=\"/\">{Currency.Names.Prefix}</a></body>"
                + "</html>",
            context.RequestAborted);
    }

    private async Task Refuse(HttpContext context, int code, string why)
    {
        if (log.IsEnabled(LogLevel.Debug))
        {
            log.LogDebug("Refused with {Code}: {Why}", code, why);
        }

        context.Response.StatusCode = code;
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(why, context.RequestAborted);
    }

    /// <summary>Sets what a page of this server may load.</summary>
    internal Task AddPolicy(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.ContentSecurityPolicy = _policy;
        return next(context);
    }
}
