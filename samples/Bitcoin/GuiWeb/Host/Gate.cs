using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Bitcoin.GuiWeb.Host;

/// <summary>
/// Stands before everything that the page server answers, and lets in the browser of this user alone. Any thread may
/// call.
/// </summary>
/// <remarks>
/// A request must come from this machine; name this server by its number, so that no name that an attacker holds leads
/// here; come from a page of this server, where the browser says from where; and bring the cookie, which only the
/// address that the program printed gives. A socket must say from where it comes, because browsers open sockets for any
/// page.
/// </remarks>
internal sealed class Gate(EntryTokens tokens, ILogger log)
{
    /// <summary>Where the token is spent.</summary>
    internal const string EntryPath = "/enter";

    private const string NotLetIn =
        "Open the page with the address that the program has printed. Each address is good for one time; the program "
            + "prints a new one when it was used.";

    // Set once, before anybody can know the port.
    private volatile string? _host;
    private string _cookieName = "";
    private string _policy = "";

    /// <summary>Called after a token was spent, on the thread of the request.</summary>
    internal event Action? Entered;

    /// <summary>The origin of the page.</summary>
    internal string Origin => $"http://{_host}";

    /// <summary>Says at which port of the loopback address the server is. Nothing is let in before.</summary>
    internal void Open(int port)
    {
        string number = port.ToString(CultureInfo.InvariantCulture);

        // Cookies know no ports: each program has a name of its own.
        _cookieName = $"bitcoin-gui-{number}";
        string host = $"{IPAddress.Loopback}:{number}";
        _policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            + $"font-src 'self'; connect-src 'self' ws://{host}; form-action 'self'; base-uri 'self'; "
            + "frame-ancestors 'none'";
        _host = host;
    }

    /// <summary>Answers what is refused, and hands on the rest.</summary>
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

        // A link from elsewhere may lead to the entrance, which asks for a token. Nothing else may be asked for from
        // elsewhere, not even a picture.
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
            // Who reloads the address, or goes back to it, has the cookie already.
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

        // Not a redirection: after a link from elsewhere the browser would follow it without the cookie.
        await context.Response.WriteAsync(
            "<!DOCTYPE html><html lang=\"en\"><head><title>bitcoin</title>"
                + "<meta http-equiv=\"refresh\" content=\"0;url=/\"></head><body><a href=\"/\">bitcoin</a></body>"
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

    /// <summary>Says what a page of this server may load.</summary>
    internal Task AddPolicy(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.ContentSecurityPolicy = _policy;
        return next(context);
    }
}
