using System.Net;
using Bitcoin.GuiWeb.Model;
using Bitcoin.GuiWeb.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MudBlazor.Services;

namespace Bitcoin.GuiWeb.Host;

/// <summary>Serves the page on this machine's loopback address. Thread-safe.</summary>
internal sealed class PageServer : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly WebApplication _web;
    private readonly EntryTokens _tokens;
    private readonly Gate _gate;

    private PageServer(WebApplication web, EntryTokens tokens, Gate gate)
    {
        _web = web;
        _tokens = tokens;
        _gate = gate;
    }

    /// <summary>The page's origin, for example "http://127.0.0.1:12345".</summary>
    internal string Origin => _gate.Origin;

    /// <summary>Called after a browser was let in, on the thread of the request.</summary>
    internal event Action? Entered
    {
        add => _gate.Entered += value;
        remove => _gate.Entered -= value;
    }

    /// <summary>Begins to serve.</summary>
    /// <param name="port">The port; 0 for a free one.</param>
    /// <param name="node">The node that the page shows.</param>
    /// <param name="choices">The choices of the user.</param>
    /// <param name="log">The log of the server.</param>
    /// <exception cref="IOException">The port cannot be used.</exception>
    internal static PageServer Start(int port, NodeModel node, Choices choices, ILoggerFactory log)
    {
        EntryTokens tokens = new();
        Gate gate = new(tokens, log.CreateLogger("http"));

        // The empty builder reads no environment variables and no files: only this program decides what is served.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(PageServer).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = Environments.Production,
        });
        builder.Services.AddSingleton(log);
        builder.Services.AddSingleton(node);
        builder.Services.AddSingleton(choices);
        builder.Services.AddSingleton<CallMeter>();
        builder.Services.AddScoped<Session>();
        builder.Services.AddScoped<Clipboard>();
        builder.Services.AddRouting();
        builder.Services.AddMudServices(static options =>
        {
            options.SnackbarConfiguration.PositionClass = MudBlazor.Defaults.Classes.Position.BottomRight;
            options.SnackbarConfiguration.VisibleStateDuration = 6000;
        });

        // The keys live as long as the cookie. Nothing is stored in the home directory.
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = s_patience);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = 1 << 20;
            options.Listen(IPAddress.Loopback, port);
        });

        WebApplication web = builder.Build();
        web.UseWebSockets();
        web.Use(gate.Handle);
        web.Use(gate.AddPolicy);
        web.UseRouting();
        web.UseAntiforgery();
        foreach (string path in PageAssets.Paths)
        {
            web.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], PageAssets.Send);
        }

        web.MapRazorComponents<App>().AddInteractiveServerRenderMode(
            static options => options.ContentSecurityFrameAncestorsPolicy = null);
        web.Start();
        string address = web.Services.GetRequiredService<IServer>().Features
            .Get<IServerAddressesFeature>()!.Addresses.Single();
        gate.Open(new Uri(address).Port);
        return new PageServer(web, tokens, gate);
    }

    /// <summary>Creates an address that lets in one browser, once. The previous address becomes invalid.</summary>
    internal string NewEntry() => $"{Origin}{Gate.EntryPath}?token={_tokens.Next()}";

    /// <summary>Ends all pages. Bounded.</summary>
    public void Dispose()
    {
        try
        {
            using CancellationTokenSource late = new(s_patience);
            _web.StopAsync(late.Token).Wait(s_patience * 2);
            ((IDisposable)_web).Dispose();
        }
        catch (AggregateException exception) when (exception.InnerException is OperationCanceledException)
        {
            // A page that stays connected is cut off when the process ends.
        }
    }
}
