"""For every alarm: series that make it fire after two hours of samples, one a minute, and series that just do not."""

FORTNIGHT = 14 * 86400
HOURS = 7200  # seconds until the alarms are checked

# alarm: (firing, silent), each a list of (series, values as promtool writes them)
CASES = {
    "StockfoldDown": (
        [('up{job="stockfold",instance="a"}', "1x100 0x20")],
        [('up{job="stockfold",instance="a"}', "1x120"), ('up{job="other",instance="b"}', "0x120")]),
    "StockfoldOverloaded": (
        [('stockfold_overloaded_total{cause="queue_full",instance="a"}', "0x100 1+1x20")],
        [('stockfold_overloaded_total{cause="queue_full",instance="a"}', "7x120")]),
    "StockfoldSlowSync": (
        [(f'stockfold_command_phase_seconds_bucket{{phase="sync",le="{le}",instance="a"}}', f"0+{step}x120")
         for le, step in (("0.1", 98), ("0.2", 100), ("+Inf", 100))],
        [(f'stockfold_command_phase_seconds_bucket{{phase="{phase}",le="{le}",instance="a"}}', f"0+{step}x120")
         for phase, le, step in (("sync", "0.1", 100), ("sync", "0.2", 100), ("sync", "+Inf", 100),
                                 ("queue", "0.1", 0), ("queue", "0.2", 100), ("queue", "+Inf", 100))]),
    "StockfoldViewsBehind": (
        [('stockfold_view_lag_events{view="stock",instance="a"}', "151x120"),
         ('stockfold_view_lag_limit_events{instance="a"}', "300x120")],
        [('stockfold_view_lag_events{view="stock",instance="a"}', "150x120"),
         ('stockfold_view_lag_events{view="movements",instance="a"}', "900x120"),
         ('stockfold_view_lag_limit_events{instance="a"}', "300x120")]),
    "StockfoldViewBuilding": (
        [('stockfold_view_ready{view="stock",instance="a"}', "1x50 0x70")],
        [('stockfold_view_ready{view="stock",instance="a"}', "1x70 0x50")]),
    "StockfoldViewDiffered": (
        [('stockfold_rebuilds_total{finding="differs",instance="a"}', "0x100 1x20")],
        [('stockfold_rebuilds_total{finding="differs",instance="a"}', "1x120"),
         ('stockfold_rebuilds_total{finding="same",instance="a"}', "0+1x120")]),
    "StockfoldDiskFillsUp": (
        [('stockfold_disk_free_bytes{instance="a"}', "4999x120"),
         ('stockfold_disk_reserve_bytes{instance="a"}', "1000x120")],
        [('stockfold_disk_free_bytes{instance="a"}', "5000x120"),
         ('stockfold_disk_reserve_bytes{instance="a"}', "1000x120")]),
    "StockfoldOutOfSpace": (
        [('stockfold_disk_free_bytes{instance="a"}', "9000x119 999"),
         ('stockfold_disk_reserve_bytes{instance="a"}', "1000x120")],
        [('stockfold_disk_free_bytes{instance="a"}', "1000x120"),
         ('stockfold_disk_reserve_bytes{instance="a"}', "1000x120")]),
    "StockfoldClockJumped": (
        [('stockfold_clock_jump_seconds{instance="a"}', "0x119 -301")],
        [('stockfold_clock_jump_seconds{instance="a"}', "0x120")]),
    "StockfoldStoreErrors": (
        [('stockfold_rocksdb_background_errors_total{database="log",instance="a"}', "0x115 1x5")],
        [('stockfold_rocksdb_background_errors_total{database="log",instance="a"}', "1x120")]),
    "StockfoldCertificateExpires": (
        [('stockfold_tls_certificate_expiry_timestamp_seconds{instance="a"}', f"{FORTNIGHT + HOURS - 3700}x120")],
        [('stockfold_tls_certificate_expiry_timestamp_seconds{instance="a"}', f"{FORTNIGHT + HOURS}x120")]),
    "StockfoldTokensUnreadable": (
        [('stockfold_tokens_unreadable{instance="a"}', "0x110 1x10")],
        [('stockfold_tokens_unreadable{instance="a"}', "1x110 0x10")]),
    "StockfoldLogInsFail": (
        [('stockfold_log_ins_failed_total{instance="a"}', "0+61x120")],
        [('stockfold_log_ins_failed_total{instance="a"}', "0+60x120")]),
    "StockfoldTlsFails": (
        [('stockfold_connections_let_go_total{protocol="tcp",reason="tls",instance="a"}', "0+61x120")],
        [('stockfold_connections_let_go_total{protocol="tcp",reason="tls",instance="a"}', "0+60x120"),
         ('stockfold_connections_let_go_total{protocol="tcp",reason="silent",instance="a"}', "0+600x120")]),
    "StockfoldConnectionsNearLimit": (
        [('stockfold_connections{protocol="tcp",instance="a"}', "81x120"),
         ('stockfold_connections_limit{protocol="tcp",instance="a"}', "100x120")],
        [('stockfold_connections{protocol="tcp",instance="a"}', "80x120"),
         ('stockfold_connections_limit{protocol="tcp",instance="a"}', "100x120")]),
    "StockfoldFilesNearLimit": (
        [('process_open_fds{job="stockfold",instance="a"}', "81x120"),
         ('process_max_fds{job="stockfold",instance="a"}', "100x120")],
        [('process_open_fds{job="stockfold",instance="a"}', "80x120"),
         ('process_max_fds{job="stockfold",instance="a"}', "100x120"),
         ('process_open_fds{job="other",instance="a"}', "99x120"),
         ('process_max_fds{job="other",instance="a"}', "100x120")]),
    "StockfoldLogShorter": (
        [('stockfold_log_position{instance="a"}', "1000x119 999")],
        [('stockfold_log_position{instance="a"}', "1000+1x120")]),
    "StockfoldConnectionsRefused": (
        [('stockfold_connections_turned_away_total{protocol="http",instance="a"}', "0x100 1+1x20")],
        [('stockfold_connections_turned_away_total{protocol="http",instance="a"}', "5x120")]),
    "StockfoldWritesStopped": (
        [('stockfold_rocksdb_writes_stopped{database="views",instance="a"}', "0x110 1x10")],
        [('stockfold_rocksdb_writes_stopped{database="views",instance="a"}', "1x110 0x10")]),
    "StockfoldRestarted": (
        [('process_start_time_seconds{job="stockfold",instance="a"}', f"{HOURS - 599}x120")],
        [('process_start_time_seconds{job="stockfold",instance="a"}', f"{HOURS - 600}x120"),
         ('process_start_time_seconds{job="other",instance="b"}', f"{HOURS - 5}x120")]),
}
